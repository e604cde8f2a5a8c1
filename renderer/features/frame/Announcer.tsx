import { useEffect, useState } from 'react';
import type { AttentionItem } from '../../../contract/attention.ts';
import { ATTENTION_WORDS } from '../../stores/attentionOrder.ts';
import { useRoom } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';

/** Milliseconds after something was said in which what comes is gathered: about as long as a title takes to be read out. */
const GATHER_MS = 3_000;
/** Titles said of one burst; the rest is a number. */
const SAID = 3;

/** What is said of things that came together. */
function wordsOf(items: readonly AttentionItem[]): string {
  const titles = items.slice(0, SAID).map((item) => showableLine(`${ATTENTION_WORDS[item.kind]}: ${item.title}`));
  return [...titles, ...(items.length > SAID ? [`and ${items.length - SAID} more wait for you`] : [])].join('. ');
}

/** Speaks new attention items to screen readers, once each: the first at once, what follows closely all together. */
export function Announcer() {
  const { topics } = useRoom();
  const [words, setWords] = useState('');
  useEffect(() => {
    let gathered: readonly AttentionItem[] = [];
    let quiet: ReturnType<typeof setTimeout> | null = null;
    const say = () => {
      quiet = null;
      // What was settled meanwhile waits for nobody any more.
      const { byId } = topics.attention.getState().state;
      const open = gathered.filter(({ id }) => byId[id] !== undefined);
      gathered = [];
      if (open.length === 0) return;
      setWords(wordsOf(open));
      quiet = setTimeout(say, GATHER_MS);
    };
    const stop = topics.attention.subscribe((content, before) => {
      if (!before.loaded) return;
      const fresh = Object.values(content.state.byId).filter((item) => before.state.byId[item.id] === undefined);
      gathered = [...gathered, ...fresh];
      if (quiet === null) say();
    });
    return () => {
      stop();
      if (quiet !== null) clearTimeout(quiet);
    };
  }, [topics]);
  return (
    <div className="visually-hidden" role="status" aria-live="assertive" data-testid="announcer">
      {words}
    </div>
  );
}
