import { ChevronDown, ChevronRight, ChevronsDownUp, ChevronsUpDown, Copy } from 'lucide-react';
import { type KeyboardEvent, useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { Button, IconButton } from '../../../components/Button.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { ErrorState } from '../../../components/ErrorState.tsx';
import { Loading } from '../../../components/Loading.tsx';
import { VirtualList } from '../../../components/VirtualList.tsx';
import { counted } from '../../../stores/format.ts';
import { useRoom } from '../../../stores/hooks.ts';
import { showableLine } from '../../../stores/showable.ts';
import { OnlyLive } from '../../replay/NothingThen.tsx';
import styles from './Transcript.module.css';
import { TranscriptLine } from './TranscriptLine.tsx';
import {
  canFold,
  FIRST_FOLDING,
  type Folding,
  isOpen,
  rowText,
  type TranscriptRow,
  toggled,
  transcriptRows,
} from './transcriptRows.ts';
import { createTranscript } from './transcriptStore.ts';

const ROW_HEIGHT = 28;
const rowId = (agentName: string, row: TranscriptRow) => `transcript-${agentName}-${row.item.id}`;

/** Keys of the list, as they are said under it. */
const KEYS = 'Arrows walk and fold · − folds all · + unfolds all · C copies';

/** What an agent said, did and got back, turn by turn, to read, fold and copy. */
export function TranscriptView({ agentName }: { readonly agentName: string }) {
  const room = useRoom();
  const transcript = useMemo(() => createTranscript(room, agentName), [room, agentName]);
  useEffect(() => transcript.follow(), [transcript]);
  const { items, before, status, reason, loadingOlder } = useStore(transcript.store);
  const [folding, setFolding] = useState<Folding>(FIRST_FOLDING);
  const [currentId, setCurrentId] = useState<number | null>(null);
  const [hasFocus, setHasFocus] = useState(false);
  const rows = useMemo(() => transcriptRows(items, folding), [items, folding]);
  const current = rows.findIndex((row) => row.item.id === currentId);
  const name = showableLine(agentName);

  const copy = (text: string, what: string) =>
    navigator.clipboard.writeText(text).then(
      () => room.notices.say('info', `Copied ${what}.`),
      () => room.notices.say('error', 'The browser did not allow copying; select the text and use its own menu.'),
    );
  const copyAll = () => {
    const all = transcriptRows(items, { turns: true, tools: true, except: new Set() });
    void copy(all.map(rowText).join('\n\n'), `the transcript of ${name}`);
  };
  const foldAll = (open: boolean) => {
    setFolding({ turns: open, tools: open, except: new Set() });
    const turn = rows.findLast((row, index) => row.kind === 'turn' && (current < 0 || index <= current));
    if (!open && turn !== undefined) setCurrentId(turn.item.id);
  };
  const goTo = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row !== undefined) setCurrentId(row.item.id);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.target !== event.currentTarget) return;
    const row = rows[current];
    const held = event.ctrlKey || event.metaKey;
    const open = row !== undefined && isOpen(row, folding);
    if (event.key.toLowerCase() === 'c') {
      // A selection made by mouse is what the person means.
      if (row === undefined || (held && (getSelection()?.isCollapsed ?? true) === false)) return;
      void copy(rowText(row), 'this part of the transcript');
    } else if (held) return;
    else if (event.key === 'ArrowDown') goTo(current + 1);
    else if (event.key === 'ArrowUp') goTo(current < 0 ? rows.length - 1 : current - 1);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(rows.length - 1);
    else if (event.key === '-') foldAll(false);
    else if (event.key === '+' || event.key === '=') foldAll(true);
    else if (row === undefined) return;
    else if (event.key === 'ArrowRight' && !open && canFold(row)) setFolding(toggled(folding, row.item.id));
    else if (event.key === 'ArrowRight') goTo(current + 1);
    else if (event.key === 'ArrowLeft' && open) setFolding(toggled(folding, row.item.id));
    else if (event.key === 'ArrowLeft') goTo(rows.findLastIndex((one, at) => at < current && one.kind === 'turn'));
    else if ((event.key === 'Enter' || event.key === ' ') && canFold(row)) setFolding(toggled(folding, row.item.id));
    else return;
    event.preventDefault();
  };

  if (status === 'failed' && items.length === 0)
    return (
      <OnlyLive what="No transcript">
        <ErrorState title="The transcript could not be read" message={reason} onRetry={() => transcript.retry()} />
      </OnlyLive>
    );
  if (status === 'loading' && items.length === 0) return <Loading label="Loading the transcript" rows={8} />;
  if (rows.length === 0)
    return <EmptyState title="Nothing to read yet" text="The transcript begins with the first turn." />;
  const active = rows[current];
  return (
    <div className={styles.view}>
      <div className={styles.bar}>
        <span className={styles.count}>{counted(rows.filter((row) => row.kind === 'turn').length, 'turn')}</span>
        <span className={styles.keys}>{KEYS}</span>
        <span className={styles.gap} />
        <IconButton label="Fold all" onClick={() => foldAll(false)}>
          <ChevronsDownUp size={14} aria-hidden="true" />
        </IconButton>
        <IconButton label="Unfold all" onClick={() => foldAll(true)}>
          <ChevronsUpDown size={14} aria-hidden="true" />
        </IconButton>
        <IconButton label="Copy the transcript" onClick={copyAll}>
          <Copy size={14} aria-hidden="true" />
        </IconButton>
      </div>
      <div
        className={styles.tree}
        role="tree"
        aria-label={`Transcript of ${name}`}
        tabIndex={0}
        {...(hasFocus && active !== undefined ? { 'aria-activedescendant': rowId(agentName, active) } : {})}
        onFocus={() => {
          setHasFocus(true);
          if (current < 0) goTo(rows.length - 1);
        }}
        onBlur={() => setHasFocus(false)}
        onKeyDown={onKey}
      >
        <VirtualList
          count={rows.length}
          rowHeight={ROW_HEIGHT}
          stickToEnd
          current={current}
          keyOf={(index) => String(rows[index]?.item.id ?? index)}
          header={
            before === null ? null : (
              <div className={styles.older} role="presentation">
                <Button small disabled={loadingOlder} onClick={() => void transcript.older()}>
                  {loadingOlder ? 'Loading…' : 'Show what came before'}
                </Button>
              </div>
            )
          }
          row={(index) => {
            const row = rows[index];
            if (row === undefined) return null;
            const open = isOpen(row, folding);
            const Fold = open ? ChevronDown : ChevronRight;
            return (
              <TranscriptLine
                id={rowId(agentName, row)}
                row={row}
                open={open}
                current={row.item.id === currentId}
                fold={
                  canFold(row) ? (
                    <button
                      type="button"
                      tabIndex={-1}
                      className={styles.fold}
                      aria-hidden="true"
                      onClick={() => setFolding(toggled(folding, row.item.id))}
                    >
                      <Fold size={13} aria-hidden="true" />
                    </button>
                  ) : null
                }
                onChoose={() => setCurrentId(row.item.id)}
              />
            );
          }}
        />
      </div>
    </div>
  );
}
