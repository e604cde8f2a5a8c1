import type { ChangedFile } from '../../../contract/changes.ts';
import { cx } from '../../components/cx.ts';
import { Glyph } from '../../components/Glyph.tsx';
import { Line } from '../../components/Text.tsx';
import styles from './FileChange.module.css';

const LETTERS: Readonly<Record<ChangedFile['change'], string>> = {
  added: 'A',
  modified: 'M',
  deleted: 'D',
  renamed: 'R',
  mode: 'X',
};
const WORDS: Readonly<Record<ChangedFile['change'], string>> = {
  added: 'added',
  modified: 'changed',
  deleted: 'deleted',
  renamed: 'renamed',
  mode: 'other mode',
};

/** Lines added and removed. */
export function PlusMinus({ added, removed }: { readonly added: number | null; readonly removed: number | null }) {
  if (added === null || removed === null) return <span className={styles.binary}>binary</span>;
  return (
    <span className={styles.numbers}>
      {added > 0 ? <span className={styles.plus}>+{added}</span> : null}
      {removed > 0 ? <span className={styles.minus}>−{removed}</span> : null}
    </span>
  );
}

/** One changed file on one line: how it changed, its path with the name readable, and by how much. */
export function FileChange({ file, comments = 0 }: { readonly file: ChangedFile; readonly comments?: number }) {
  const at = file.path.lastIndexOf('/') + 1;
  return (
    <span className={styles.change} title={file.from === null ? file.path : `${file.path}, before: ${file.from}`}>
      <span className={cx(styles.letter, styles[file.change])} aria-hidden="true">
        {LETTERS[file.change]}
      </span>
      <span className="visually-hidden">{WORDS[file.change]} </span>
      <span className={styles.path}>
        {at === 0 ? null : <Line text={file.path.slice(0, at)} className={styles.folder} />}
        <Line text={file.path.slice(at)} className={styles.name} />
      </span>
      {file.uncommitted ? (
        <span className={styles.open} title="uncommitted">
          <Glyph shape="open" words="uncommitted" />
        </span>
      ) : null}
      {comments === 0 ? null : (
        <span className={styles.comments} title={comments === 1 ? '1 comment' : `${comments} comments`}>
          {comments}
          <span className="visually-hidden"> comments</span>
        </span>
      )}
      <PlusMinus added={file.added} removed={file.removed} />
    </span>
  );
}
