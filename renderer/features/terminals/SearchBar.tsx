import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { IconButton } from '../../components/Button.tsx';
import { TextInput } from '../../components/Field.tsx';
import type { LiveTerminal } from '../../terminal/liveTerminal.ts';
import styles from './TerminalsScreen.module.css';

/** Finds words in a terminal: Enter the next, Shift+Enter the one before, Escape ends. */
export function SearchBar({ live, onClose }: { readonly live: LiveTerminal; onClose(): void }) {
  const [words, setWords] = useState('');
  const results = useStore(live.results);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    return () => live.endSearch();
  }, [live]);
  const found =
    words === ''
      ? ''
      : results.count === 0
        ? 'nothing found'
        : results.index < 0
          ? `${results.count}+`
          : `${results.index + 1} of ${results.count}`;
  return (
    <div role="search" className={styles.search}>
      <TextInput
        ref={field}
        aria-label="Search in the terminal"
        placeholder="Search"
        className={styles.searchField}
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          live.find(event.target.value, 'next', true);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') live.find(words, event.shiftKey ? 'previous' : 'next', false);
          else if (event.key === 'Escape') onClose();
          else return;
          event.preventDefault();
        }}
      />
      <output className={styles.found} aria-live="polite">
        {found}
      </output>
      <IconButton
        label="Previous match"
        shortcut="Shift+Enter"
        disabled={results.count === 0}
        onClick={() => live.find(words, 'previous', false)}
      >
        <ArrowUp size={14} aria-hidden="true" />
      </IconButton>
      <IconButton
        label="Next match"
        shortcut="Enter"
        disabled={results.count === 0}
        onClick={() => live.find(words, 'next', false)}
      >
        <ArrowDown size={14} aria-hidden="true" />
      </IconButton>
      <IconButton label="End the search" shortcut="Escape" onClick={onClose}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
