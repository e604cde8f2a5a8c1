import { useState } from 'react';
import type { ConflictHunk, ConflictList, FileConflict, HunkSide } from '../../../contract/conflicts.ts';
import { Badge } from '../../components/Badge.tsx';
import { Checkbox } from '../../components/Checkbox.tsx';
import { ChoiceList } from '../../components/ChoiceList.tsx';
import { cx } from '../../components/cx.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Scroll } from '../../components/Scroll.tsx';
import { Line } from '../../components/Text.tsx';
import { counted } from '../../stores/format.ts';
import { showable } from '../../stores/showable.ts';
import { type FreshAnswer, useFreshAnswer } from '../../stores/useAnswer.ts';
import styles from './Conflicts.module.css';

/** Whose conflicts are shown: of an entry of the queue, or of two worktrees (`other` null: the target). */
export type ConflictSource =
  | { readonly kind: 'merge'; readonly id: number }
  | { readonly kind: 'pair'; readonly one: string; readonly other: string | null };

function useFileConflict(source: ConflictSource, path: string | null, version: unknown): FreshAnswer<FileConflict> {
  const ofMerge = useFreshAnswer(
    'merges.conflict',
    source.kind === 'merge' && path !== null ? { id: source.id, path } : null,
    version,
  );
  const ofPair = useFreshAnswer(
    'radar.conflict',
    source.kind === 'pair' && path !== null ? { one: source.one, other: source.other, path } : null,
    version,
  );
  return source.kind === 'merge' ? ofMerge : ofPair;
}

/** Every conflicting file of two sides, and the places of the chosen one side by side. */
export function ConflictBrowser({
  list,
  source,
  version,
}: {
  readonly list: ConflictList;
  readonly source: ConflictSource;
  /** Changes when the sides may have moved. */
  readonly version: unknown;
}) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [withBase, setWithBase] = useState(true);
  const { files } = list;
  const index = Math.max(
    0,
    files.findIndex((file) => file.path === chosen),
  );
  const file = files[index];
  const answer = useFileConflict(source, file?.path ?? null, version);
  if (file === undefined)
    return (
      <EmptyState
        title="No conflict"
        text={
          <>
            <Line text={list.ours} /> and <Line text={list.theirs} /> join without one.
          </>
        }
      />
    );
  return (
    <div className={styles.frame}>
      <div className={styles.browser}>
        <ChoiceList
          label="Conflicting files"
          className={styles.files}
          count={files.length}
          index={index}
          rowHeight={44}
          keyOf={(row) => files[row]?.path ?? String(row)}
          row={(row) => {
            const one = files[row];
            if (one === undefined) return null;
            return (
              <div className={styles.file}>
                <FileName path={one.path} />
                <span className={styles.kind}>{one.kind}</span>
              </div>
            );
          }}
          onChoose={(row) => setChosen(files[row]?.path ?? null)}
          more={list.count > files.length ? counted(list.count - files.length, 'further file') : null}
        />
        <section className={styles.view} aria-label="Conflict">
          <header className={styles.head}>
            <h3 className={styles.path}>
              <FileName path={file.path} />
            </h3>
            <Badge tone="warning">{file.kind}</Badge>
            <span className={styles.toggle}>
              <Checkbox label="Show where they parted" checked={withBase} onChange={setWithBase} />
            </span>
          </header>
          <p className={styles.words}>
            <Line text={file.words} />
          </p>
          <Hunks answer={answer} list={list} withBase={withBase} />
        </section>
      </div>
    </div>
  );
}

/** A path whose end, the name of the file, stays readable when it is cut. */
export function FileName({ path }: { readonly path: string }) {
  const at = path.lastIndexOf('/') + 1;
  return (
    <span className={styles.fileName} title={path}>
      {at === 0 ? null : <Line text={path.slice(0, at)} className={styles.folder} />}
      <Line text={path.slice(at)} className={styles.name} />
    </span>
  );
}

function Hunks({
  answer,
  list,
  withBase,
}: {
  readonly answer: FreshAnswer<FileConflict>;
  readonly list: ConflictList;
  readonly withBase: boolean;
}) {
  const { value } = answer;
  if (value === null) {
    if (answer.problem !== null)
      return <ErrorState title="The conflict cannot be shown" message={answer.problem} onRetry={answer.again} />;
    return <Loading label="Loading the conflict" rows={6} />;
  }
  return (
    <Scroll label="Places in conflict" className={styles.hunks}>
      {value.note === null ? null : (
        <p className={styles.note}>
          <Line text={value.note} />
        </p>
      )}
      {value.hunks.map((hunk, index) => (
        <Hunk
          // biome-ignore lint/suspicious/noArrayIndexKey: places of one file never change their order.
          key={index}
          hunk={hunk}
          number={index + 1}
          of={value.hunkCount}
          has={value.has}
          list={list}
          withBase={withBase}
        />
      ))}
    </Scroll>
  );
}

function Hunk({
  hunk,
  number,
  of,
  has,
  list,
  withBase,
}: {
  readonly hunk: ConflictHunk;
  readonly number: number;
  readonly of: number;
  readonly has: FileConflict['has'];
  readonly list: ConflictList;
  readonly withBase: boolean;
}) {
  const base = hunk.base ?? { lines: [], count: 0 };
  return (
    <article className={styles.hunk} aria-label={`Place ${number} of ${of}, line ${hunk.line}`}>
      <p className={styles.place}>
        {number} of {of} · line {hunk.line}
      </p>
      {withBase && has.base ? (
        <Side title="where they parted" tone="base" side={base} missing={null} before={[]} after={[]} />
      ) : null}
      <div className={styles.sides}>
        <Side
          title={list.ours}
          tone="ours"
          side={hunk.ours}
          missing={has.ours ? null : 'has no such file'}
          before={hunk.before}
          after={hunk.after}
        />
        <Side
          title={list.theirs}
          tone="theirs"
          side={hunk.theirs}
          missing={has.theirs ? null : 'has no such file'}
          before={hunk.before}
          after={hunk.after}
        />
      </div>
    </article>
  );
}

function Side({
  title,
  tone,
  side,
  missing,
  before,
  after,
}: {
  readonly title: string;
  readonly tone: 'ours' | 'theirs' | 'base';
  readonly side: HunkSide;
  readonly missing: string | null;
  readonly before: readonly string[];
  readonly after: readonly string[];
}) {
  const cut = side.count - side.lines.length;
  return (
    <div className={cx(styles.side, styles[tone])}>
      <p className={styles.sideName}>
        <Line text={title} title />
      </p>
      <div className={styles.code} dir="ltr">
        {before.length === 0 ? null : <pre className={styles.around}>{showable(before.join('\n'))}</pre>}
        {side.lines.length === 0 ? (
          <p className={styles.nothing}>{missing ?? 'nothing here'}</p>
        ) : (
          <pre className={styles.lines}>{showable(side.lines.join('\n'))}</pre>
        )}
        {cut > 0 ? <p className={styles.nothing}>{counted(cut, 'further line')}</p> : null}
        {after.length === 0 ? null : <pre className={styles.around}>{showable(after.join('\n'))}</pre>}
      </div>
    </div>
  );
}
