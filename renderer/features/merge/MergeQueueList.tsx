import { type KeyboardEvent, memo } from 'react';
import { Age } from '../../components/Age.tsx';
import { cx } from '../../components/cx.ts';
import { Line } from '../../components/Text.tsx';
import { VirtualList } from '../../components/VirtualList.tsx';
import { useRoom, useTopic } from '../../stores/hooks.ts';
import { MergeMark } from './MergeMark.tsx';
import styles from './MergeQueueList.module.css';
import { mergeName, mergeState, mergeWords, type QueueRow, selectQueueRows, wantsPerson } from './mergeRules.ts';
import { mergeStore, useMergeScreen } from './mergeStore.ts';

const rowId = (id: string): string => `merge-row-${id}`;

const Entry = memo(function Entry({ id, place }: { readonly id: string; readonly place: number | null }) {
  const room = useRoom();
  const merge = useTopic('merges', ({ byId }) => byId[id]);
  const selected = useMergeScreen((state) => state.chosen === id);
  if (merge === undefined) return null;
  const state = mergeState(merge);
  return (
    <div
      id={rowId(id)}
      role="option"
      aria-selected={selected}
      className={cx(styles.entry, selected && styles.selected)}
      onClick={() => mergeStore(room).setState({ chosen: id })}
    >
      <span className={styles.mark}>
        <MergeMark state={state} />
      </span>
      <div className={styles.main}>
        <p className={styles.head}>
          <Line text={mergeName(merge)} className={styles.name} title />
          {merge.taskId === 'unknown' ? null : <Line text={merge.taskId} className={styles.task} />}
          {place === null ? null : <span className={styles.place}>#{place}</span>}
          <Age at={merge.finishedAt ?? merge.enqueuedAt} className={styles.age} />
        </p>
        <p className={cx(styles.words, wantsPerson(merge) && styles.wanted)}>
          <Line text={mergeWords(merge)} title />
        </p>
      </div>
    </div>
  );
});

/** Ids of the entries in the order they are walked. */
export function entryIds(rows: readonly QueueRow[]): readonly string[] {
  return rows.flatMap((row) => (row.kind === 'entry' ? [row.id] : []));
}

/** The merge queue: what wants a person, what waits, what is merged. Arrows or J/K walk. */
export function MergeQueueList() {
  const room = useRoom();
  const rows = useTopic('merges', ({ byId }) => selectQueueRows(byId));
  const chosen = useMergeScreen((state) => state.chosen);
  const ids = entryIds(rows);
  const at = chosen === null ? -1 : ids.indexOf(chosen);
  const current = rows.findIndex((row) => row.kind === 'entry' && row.id === chosen);
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const goTo = (index: number) => {
      const id = ids[Math.max(0, Math.min(ids.length - 1, index))];
      if (id !== undefined) mergeStore(room).setState({ chosen: id });
    };
    if (event.key === 'ArrowDown' || event.key === 'j') goTo(at + 1);
    else if (event.key === 'ArrowUp' || event.key === 'k') goTo(at < 0 ? 0 : at - 1);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(ids.length - 1);
    else return;
    event.preventDefault();
  };
  return (
    <div
      className={styles.list}
      role="listbox"
      aria-label="Merge queue"
      tabIndex={0}
      {...(at >= 0 && chosen !== null ? { 'aria-activedescendant': rowId(chosen) } : {})}
      onKeyDown={onKey}
    >
      <VirtualList
        className={styles.grow}
        count={rows.length}
        rowHeight={50}
        current={current}
        keyOf={(index) => {
          const row = rows[index];
          return row === undefined ? String(index) : row.kind === 'heading' ? row.title : row.id;
        }}
        row={(index) => {
          const row = rows[index];
          if (row === undefined) return null;
          if (row.kind === 'entry') return <Entry id={row.id} place={row.place} />;
          return (
            <p className={styles.heading} role="presentation">
              {row.title} <span>{row.count}</span>
            </p>
          );
        }}
      />
    </div>
  );
}
