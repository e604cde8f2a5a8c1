import type { ReactNode } from 'react';
import type { TranscriptItem } from '../../../../contract/transcripts.ts';
import { cx } from '../../../components/cx.ts';
import { Glyph } from '../../../components/Glyph.tsx';
import { Body, Line } from '../../../components/Text.tsx';
import { clockTime, longDuration } from '../../../stores/format.ts';
import { useClock } from '../../../stores/hooks.ts';
import { showable } from '../../../stores/showable.ts';
import styles from './Transcript.module.css';
import type { TranscriptRow } from './transcriptRows.ts';

/** Milliseconds from which a duration is said: shorter ones are noise. */
const SAID_MS = 1_000;

/** One row. Pressing it makes it the current one; its arrow folds it. */
export function TranscriptLine({
  id,
  row,
  open,
  current,
  fold,
  onChoose,
}: {
  readonly id: string;
  readonly row: TranscriptRow;
  readonly open: boolean;
  readonly current: boolean;
  /** Arrow of a row that folds. */
  readonly fold: ReactNode;
  onChoose(): void;
}) {
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={row.kind === 'turn' ? 1 : 2}
      aria-selected={current}
      tabIndex={-1}
      {...(fold === null ? {} : { 'aria-expanded': open })}
      className={cx(styles.row, styles[row.kind], current && styles.current)}
      onPointerDown={onChoose}
    >
      <span className={styles.gutter}>{fold}</span>
      <RowContent row={row} open={open} />
    </div>
  );
}

function RowContent({ row, open }: { readonly row: TranscriptRow; readonly open: boolean }) {
  switch (row.kind) {
    case 'turn':
      return <TurnContent row={row} open={open} />;
    case 'text':
      return <Body text={row.item.body} className={styles.said} />;
    case 'line':
      return (
        <div className={cx(styles.main, row.item.failed && styles.failed)}>
          <span className={styles.title}>
            <Glyph shape={row.item.kind === 'note' ? 'half' : 'no'} /> <Line text={row.item.title} />
          </span>
          {row.item.body === '' ? null : <Body text={row.item.body} className={styles.output} />}
        </div>
      );
    case 'tool':
      return <ToolContent item={row.item} result={row.result} open={open} />;
  }
}

function TurnContent({
  row,
  open,
}: {
  readonly row: Extract<TranscriptRow, { kind: 'turn' }>;
  readonly open: boolean;
}) {
  const at = useClock((now) => clockTime(row.item.at, now));
  const { end } = row;
  const took = end?.durationMs ?? null;
  return (
    <div className={styles.main}>
      <span className={styles.line}>
        <span className={styles.turnTitle}>{row.item.title}</span>
        <Line
          text={end === null ? 'in turn' : end.title.replace(/^turn \d+ ended: /, '')}
          className={styles.how}
          title
        />
        <span className={styles.gap} />
        {open ? null : <span className={styles.note}>{row.steps} steps</span>}
        {took === null ? null : <span className={styles.note}>{longDuration(took)}</span>}
        <span className={styles.note}>{at}</span>
      </span>
    </div>
  );
}

function ToolContent({
  item,
  result,
  open,
}: {
  readonly item: TranscriptItem;
  readonly result: TranscriptItem | null;
  readonly open: boolean;
}) {
  const failed = result?.failed === true;
  const took = item.durationMs ?? result?.durationMs ?? null;
  const [tool = '', ...subject] = item.title.split(' ');
  return (
    <div className={styles.main}>
      <span className={styles.line}>
        <Glyph
          shape={failed ? 'no' : result === null ? 'running' : 'yes'}
          words={failed ? 'failed' : result === null ? 'no result yet' : 'done'}
          className={failed ? styles.bad : result === null ? styles.running : styles.good}
        />
        <span className={styles.tool}>{tool}</span>
        <Line text={subject.join(' ')} className={styles.subject} title />
        {item.added === null ? null : (
          <span className={styles.stat}>
            <span className={styles.plus}>+{item.added}</span>{' '}
            <span className={styles.minus}>−{item.removed ?? 0}</span>
          </span>
        )}
        <span className={styles.gap} />
        {took === null || took < SAID_MS ? null : <span className={styles.note}>{longDuration(took)}</span>}
      </span>
      {open && item.body !== '' ? <Changes item={item} /> : null}
      {open && result !== null && result.body !== '' ? (
        <div className={cx(styles.output, failed && styles.failed)} dir="auto">
          {showable(result.body)}
          {result.cut ? <Cut /> : null}
        </div>
      ) : null}
    </div>
  );
}

/** What a tool was given: an edit as its lines, anything else as it is. */
function Changes({ item }: { readonly item: TranscriptItem }) {
  if (item.added === null)
    return (
      <div className={styles.output} dir="auto">
        {showable(item.body)}
        {item.cut ? <Cut /> : null}
      </div>
    );
  return (
    <div className={styles.output} dir="auto">
      {item.body.split('\n').map((line, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a stored edit never change places.
          key={index}
          className={line.startsWith('+') ? styles.plus : line.startsWith('-') ? styles.minus : undefined}
        >
          {`${showable(line)}\n`}
        </span>
      ))}
      {item.cut ? <Cut /> : null}
    </div>
  );
}

function Cut() {
  return <span className={styles.note}>{'\n… the turn’s log has the rest'}</span>;
}
