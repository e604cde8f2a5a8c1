import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { DiffLine, FileDiff } from '../../../contract/changes.ts';
import { Button } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { VirtualList } from '../../components/VirtualList.tsx';
import { showable } from '../../stores/showable.ts';
import { CommentCard } from './CommentCard.tsx';
import styles from './DiffView.module.css';
import {
  anchorOf,
  type DiffMode,
  type DiffRow,
  diffRows,
  followed,
  placeOf,
  type ReviewComment,
  rowOf,
  type WordMark,
  wordMarks,
} from './reviewRules.ts';

/** A row of the list: of the difference, or a comment under it. */
type ListRow =
  | { readonly kind: 'diff'; readonly row: DiffRow; readonly index: number }
  | { readonly kind: 'comment'; readonly comment: ReviewComment; readonly gone: boolean };

export interface DiffViewProps {
  /** Whose work it is. */
  readonly agent: string;
  readonly diff: FileDiff;
  readonly mode: DiffMode;
  readonly comments: readonly ReviewComment[];
  /** A comment on these lines is to be written. */
  onBegin(place: Pick<ReviewComment, 'side' | 'from' | 'to' | 'quote'>): void;
  /** Other lines are chosen: an editor without words has nothing to stay for. */
  onLeave(): void;
  /** The lines of a comment stand elsewhere now, or still where they were. */
  onFound(id: number, place: Pick<ReviewComment, 'from' | 'to'>): void;
}

/**
 * The difference of one file. One stop of the Tab key: arrows walk the lines, with Shift they choose several, Enter writes
 * a comment; by mouse a press on a line chooses it, with Shift up to there, and a drag over several.
 */
export function DiffView({ agent, diff, mode, comments, onBegin, onLeave, onFound }: DiffViewProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => diffRows(diff, mode), [diff, mode]);
  const marks = useMemo(() => wordMarks(diff), [diff]);
  const [chosen, setChosen] = useState<{ readonly first: number; readonly last: number } | null>(null);
  const dragging = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another file or mode have other places.
  useEffect(() => {
    setChosen(null);
  }, [rows]);
  useEffect(() => {
    const stop = () => {
      dragging.current = false;
    };
    window.addEventListener('pointerup', stop);
    return () => window.removeEventListener('pointerup', stop);
  }, []);
  const anchor = chosen === null ? null : anchorOf(rows, chosen.first, chosen.last);
  const low = chosen === null ? -1 : Math.min(chosen.first, chosen.last);
  const high = chosen === null ? -1 : Math.max(chosen.first, chosen.last);

  const places = useMemo(
    () => new Map(comments.map((comment) => [comment.id, followed(diff, comment)] as const)),
    [diff, comments],
  );
  useEffect(() => {
    for (const [id, place] of places) if (place !== null) onFound(id, place);
  });
  const list = useMemo(() => {
    const under = new Map<number, ReviewComment[]>();
    const all: ListRow[] = [];
    for (const comment of comments) {
      const place = places.get(comment.id) ?? null;
      if (place === null) all.push({ kind: 'comment', comment, gone: true });
      else {
        const at = rowOf(rows, { side: comment.side, to: place.to });
        under.set(at, [...(under.get(at) ?? []), comment]);
      }
    }
    for (const [index, row] of rows.entries()) {
      all.push({ kind: 'diff', row, index });
      for (const comment of under.get(index) ?? []) all.push({ kind: 'comment', comment, gone: false });
    }
    return all;
  }, [rows, comments, places]);
  const current = chosen === null ? -1 : list.findIndex((row) => row.kind === 'diff' && row.index === chosen.last);

  const lineFrom = (index: number, step: 1 | -1): number => {
    let at = index;
    while (rows[at]?.kind === 'hunk') at += step;
    return rows[at] === undefined ? -1 : at;
  };
  const walk = (index: number, step: 1 | -1, extend: boolean) => {
    const at = lineFrom(index, step);
    if (at >= 0) setChosen((former) => ({ first: extend && former !== null ? former.first : at, last: at }));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = chosen?.last ?? -1;
    if (event.key === 'ArrowDown') walk(last + 1, 1, event.shiftKey);
    else if (event.key === 'ArrowUp') walk(last <= 0 ? 0 : last - 1, last <= 0 ? 1 : -1, event.shiftKey);
    else if (event.key === 'PageDown') walk(Math.min(rows.length - 1, last + 20), -1, event.shiftKey);
    else if (event.key === 'PageUp') walk(Math.max(0, last - 20), 1, event.shiftKey);
    else if (event.key === 'Home') walk(0, 1, event.shiftKey);
    else if (event.key === 'End') walk(rows.length - 1, -1, event.shiftKey);
    else if ((event.key === 'Enter' || event.key === 'c') && anchor !== null) onBegin(anchor);
    else if (event.key === 'Escape' && chosen !== null) setChosen(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const press = (index: number, extend: boolean) => {
    if (rows[index]?.kind !== 'line') return;
    dragging.current = true;
    onLeave();
    setChosen((former) => ({ first: extend && former !== null ? former.first : index, last: index }));
  };
  const back = () => box.current?.focus();
  const writing =
    anchor !== null &&
    comments.some(
      ({ text, side, from, to }) => text === '' && side === anchor.side && from === anchor.from && to === anchor.to,
    );
  return (
    <div className={styles.frame}>
      <div
        ref={box}
        className={cx(styles.diff, styles[mode])}
        role="listbox"
        aria-label={`Changes of ${diff.path}`}
        aria-multiselectable="true"
        tabIndex={0}
        {...(chosen === null ? {} : { 'aria-activedescendant': `${id}-${chosen.last}` })}
        onKeyDown={onKey}
      >
        <VirtualList
          className={styles.grow}
          count={list.length}
          rowHeight={19}
          current={current}
          keyOf={(at) => keyOf(list[at], at)}
          row={(at) => {
            const row = list[at];
            if (row === undefined) return null;
            if (row.kind === 'comment')
              return <CommentCard agent={agent} comment={row.comment} gone={row.gone ? 'line' : null} onDone={back} />;
            return (
              <Row
                id={`${id}-${row.index}`}
                row={row.row}
                marks={marks}
                mode={mode}
                selected={row.index >= low && row.index <= high}
                onPress={(extend) => press(row.index, extend)}
                onOver={() => {
                  if (dragging.current && rows[row.index]?.kind === 'line')
                    setChosen((former) => ({ first: former?.first ?? row.index, last: row.index }));
                }}
                onOpen={() => {
                  if (anchor !== null) onBegin(anchor);
                }}
              />
            );
          }}
        />
      </div>
      {anchor === null || writing ? null : (
        <div className={styles.bar}>
          <span>{placeOf({ path: diff.path.slice(diff.path.lastIndexOf('/') + 1), ...anchor })}</span>
          <Button small onClick={() => onBegin(anchor)}>
            Comment
          </Button>
        </div>
      )}
    </div>
  );
}

function keyOf(row: ListRow | undefined, at: number): string {
  if (row === undefined) return String(at);
  return row.kind === 'comment' ? `c${row.comment.id}` : row.row.key;
}

const SIGNS: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', added: '+', removed: '-' };
const WORDS: Readonly<Record<DiffLine['kind'], string>> = { same: '', added: 'added', removed: 'removed' };

function Row({
  id,
  row,
  marks,
  mode,
  selected,
  onPress,
  onOver,
  onOpen,
}: {
  readonly id: string;
  readonly row: DiffRow;
  readonly marks: ReadonlyMap<DiffLine, WordMark>;
  readonly mode: DiffMode;
  readonly selected: boolean;
  onPress(extend: boolean): void;
  onOver(): void;
  onOpen(): void;
}) {
  if (row.kind === 'hunk')
    return (
      <p className={styles.hunk} role="presentation">
        {showable(row.words)}
      </p>
    );
  const line = row.right ?? row.left;
  const parts: ReactNode =
    mode === 'split' ? (
      <>
        <Half line={row.left} side="old" marks={marks} />
        <Half line={row.right} side="new" marks={marks} />
      </>
    ) : (
      <>
        <span className={styles.number}>{line?.old ?? ''}</span>
        <span className={styles.number}>{line?.new ?? ''}</span>
        <Code line={line} marks={marks} />
      </>
    );
  return (
    <div
      id={id}
      role="option"
      aria-selected={selected}
      className={cx(styles.row, mode === 'unified' && line !== null && styles[line.kind], selected && styles.selected)}
      onPointerDown={(event) => {
        if (event.button === 0) onPress(event.shiftKey);
      }}
      onPointerEnter={onOver}
      onDoubleClick={onOpen}
    >
      {parts}
    </div>
  );
}

function Half({
  line,
  side,
  marks,
}: {
  readonly line: DiffLine | null;
  readonly side: 'old' | 'new';
  readonly marks: ReadonlyMap<DiffLine, WordMark>;
}) {
  return (
    <span className={cx(styles.half, line === null ? styles.void : styles[line.kind])}>
      <span className={styles.number}>{line?.[side] ?? ''}</span>
      <Code line={line} marks={marks} />
    </span>
  );
}

function Code({ line, marks }: { readonly line: DiffLine | null; readonly marks: ReadonlyMap<DiffLine, WordMark> }) {
  if (line === null) return <span className={styles.code} />;
  const mark = marks.get(line);
  return (
    <span className={styles.code} dir="ltr">
      <span className={styles.sign} aria-hidden="true">
        {SIGNS[line.kind]}
      </span>
      {WORDS[line.kind] === '' ? null : <span className="visually-hidden">{WORDS[line.kind]} </span>}
      {mark === undefined ? (
        showable(line.text)
      ) : (
        <>
          {showable(line.text.slice(0, mark.from))}
          <span className={styles.word}>{showable(line.text.slice(mark.from, mark.to))}</span>
          {showable(line.text.slice(mark.to))}
        </>
      )}
      {line.noEnd ? <span className={styles.noEnd}> no line end</span> : null}
    </span>
  );
}
