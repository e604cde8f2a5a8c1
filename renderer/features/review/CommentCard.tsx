import { useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { TextArea } from '../../components/Field.tsx';
import { Body, Line } from '../../components/Text.tsx';
import { showable } from '../../stores/showable.ts';
import styles from './DiffView.module.css';
import { placeOf, type ReviewComment } from './reviewRules.ts';

/** Lines of its old context a comment shows when its place is gone. */
const CONTEXT_LINES = 12;

/** A comment of the draft. One whose lines are gone says so, and shows them as they were. */
export function CommentCard({
  comment,
  gone = null,
  onEdit,
  onRemove,
}: {
  readonly comment: ReviewComment;
  /** What became of its place: the lines are no longer there, or the whole file is no longer among the changes. */
  readonly gone?: 'line' | 'file' | null;
  onEdit(id: number, text: string): void;
  onRemove(id: number): void;
}) {
  const [editing, setEditing] = useState(false);
  if (editing)
    return (
      <CommentEditor
        label={`Comment on ${placeOf(comment)}`}
        text={comment.text}
        save="Save"
        onSave={(text) => {
          onEdit(comment.id, text);
          setEditing(false);
        }}
        onCancel={() => setEditing(false)}
      />
    );
  const lines = comment.from === comment.to ? `line ${comment.from}` : `lines ${comment.from}–${comment.to}`;
  return (
    <article className={styles.comment} aria-label={`Comment on ${placeOf(comment)}`}>
      <div className={styles.commentHead}>
        <span className={styles.place}>
          {gone === null ? (
            lines
          ) : gone === 'file' ? (
            <>
              <Line text={comment.path} /> {lines} · no longer among the changes · written at{' '}
              {comment.head.slice(0, 10)}
            </>
          ) : (
            `${lines} at ${comment.head.slice(0, 10)} · no longer there`
          )}
        </span>
        <Button small tone="quiet" onClick={() => setEditing(true)}>
          Edit
        </Button>
        <Button small tone="quiet" onClick={() => onRemove(comment.id)}>
          Remove
        </Button>
      </div>
      {gone === null ? null : (
        <pre className={styles.oldLines} dir="ltr">
          {comment.quote
            .slice(0, CONTEXT_LINES)
            .map((line) => showable(line))
            .join('\n')}
          {comment.quote.length > CONTEXT_LINES ? '\n…' : ''}
        </pre>
      )}
      <Body text={comment.text} className={styles.commentText} />
    </article>
  );
}

/** The field a comment is written in. */
export function CommentEditor({
  label,
  text,
  save,
  onSave,
  onCancel,
}: {
  readonly label: string;
  readonly text: string;
  readonly save: string;
  onSave(text: string): void;
  onCancel(): void;
}) {
  const [words, setWords] = useState(text);
  const done = () => {
    if (words.trim() !== '') onSave(words);
  };
  return (
    <div className={styles.comment}>
      <TextArea
        autoFocus
        rows={3}
        aria-label={label}
        placeholder="What should change here?"
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            done();
          }
          if (event.key === 'Escape') {
            event.stopPropagation();
            event.preventDefault();
            onCancel();
          }
        }}
      />
      <div className={styles.editorActions}>
        <span className={styles.hint}>Ctrl Enter adds it</span>
        <Button small onClick={onCancel}>
          Cancel
        </Button>
        <Button small tone="primary" disabled={words.trim() === ''} onClick={done}>
          {save}
        </Button>
      </div>
    </div>
  );
}
