import { memo } from 'react';
import type { LogEntry } from '../../../contract/health.ts';
import { cx } from '../../components/cx.ts';
import { Glyph } from '../../components/Glyph.tsx';
import { TAIL_ROW, TailList } from '../../components/TailList.tsx';
import { Line } from '../../components/Text.tsx';
import { LEVEL_WORDS } from './healthWords.ts';
import styles from './Logs.module.css';

/** Ids of lines hold paths; what an element's id may not hold is left out of it. */
const rowId = ({ id }: LogEntry) => `log-line-${id.replaceAll(/[^\w-]/g, '_')}`;

/** Local time to the second; the start of its turn for a line without a time of its own. */
function timeWords(entry: LogEntry): string {
  if (entry.at === null) return entry.turn === null ? '' : entry.turn.slice(11, 19).replaceAll('-', ':');
  return new Date(entry.at).toTimeString().slice(0, 8);
}

const Row = memo(function Row({
  entry,
  id,
  chosen,
}: {
  readonly entry: LogEntry;
  readonly id: string;
  readonly chosen: boolean;
}) {
  const level = LEVEL_WORDS[entry.level];
  return (
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      data-line={entry.id}
      className={cx(styles.line, chosen && styles.chosen)}
      style={{ height: TAIL_ROW }}
    >
      <span className={styles.time}>{timeWords(entry)}</span>
      <span className={cx(styles.level, styles[entry.level])}>
        {level.glyph === null ? null : <Glyph shape={level.glyph} />} {level.word}
      </span>
      <span className={styles.agent}>{entry.agent === null ? '' : <Line text={entry.agent} title />}</span>
      <span className={styles.text}>
        <Line text={entry.message} title />
        {entry.facts === '' || entry.turn !== null ? null : (
          <>
            {' '}
            <Line text={entry.facts} className={styles.facts} />
          </>
        )}
      </span>
    </div>
  );
});

/** Lines of a log, the newest at the bottom. */
export function LogList({
  entries,
  chosen,
  onOlder,
  onChoose,
  onOpen,
}: {
  readonly entries: readonly LogEntry[];
  /** Id of the chosen line. */
  readonly chosen: string | null;
  /** Null when there is nothing older. */
  readonly onOlder: (() => void) | null;
  onChoose(entry: LogEntry): void;
  onOpen(entry: LogEntry): void;
}) {
  return (
    <TailList
      label="Log"
      className={styles.lines}
      items={entries}
      chosen={chosen}
      elementId={rowId}
      row={(entry, id) => <Row entry={entry} id={id} chosen={entry.id === chosen} />}
      onOlder={onOlder}
      onChoose={onChoose}
      onKey={({ key }, entry) => {
        if (key !== 'Enter') return false;
        onOpen(entry);
        return true;
      }}
    />
  );
}
