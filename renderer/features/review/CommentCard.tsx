import { type ReactNode, useEffect, useRef } from 'react';
import { Button } from '../../components/Button.tsx';
import { TextArea } from '../../components/Field.tsx';
import { Body, Line } from '../../components/Text.tsx';
import { useRoom } from '../../stores/hooks.ts';
import { showable } from '../../stores/showable.ts';
import styles from './DiffView.module.css';
import { placeOf, type ReviewComment } from './reviewRules.ts';
import {
  cancelComment,
  openComment,
  removeComment,
  reviewStore,
  saveComment,
  useReview,
  writeComment,
} from './reviewStore.ts';

/** Lines of its old context a comment shows when its place is gone. */
const CONTEXT_LINES = 12;

/** A comment of the draft, or its editor while it is open. One whose lines are gone says so, and shows them as they were. */
export function CommentCard({
  agent,
  comment,
  gone = null,
  onDone,
}: {
  /** Whose work it is about. */
  readonly agent: string;
  readonly comment: ReviewComment;
  /** What became of its place: the lines are no longer there, or the whole file is no longer among the changes. */
  readonly gone?: 'line' | 'file' | null;
  /** Its editor was left by the keyboard or a button. */
  onDone?(): void;
}) {
  const room = useRoom();
  const open = useReview((state) => state.drafts[agent]?.open[comment.id] !== undefined);
  if (open || comment.text === '')
    return (
      <div className={styles.comment}>
        {gone === null ? null : <Place comment={comment} gone={gone} />}
        <CommentEditor agent={agent} comment={comment} {...(onDone === undefined ? {} : { onDone })} />
      </div>
    );
  return (
    <article className={styles.comment} aria-label={`Comment on ${placeOf(comment)}`}>
      <Place comment={comment} gone={gone}>
        <Button small tone="quiet" onClick={() => openComment(room, agent, comment)}>
          Edit
        </Button>
        <Button small tone="quiet" onClick={() => removeComment(room, agent, comment.id)}>
          Remove
        </Button>
      </Place>
      <Body text={comment.text} className={styles.commentText} />
    </article>
  );
}

/** Where a comment stands, with what can be done to it; the lines as they were when they are gone. */
function Place({
  comment,
  gone,
  children,
}: {
  readonly comment: ReviewComment;
  readonly gone: 'line' | 'file' | null;
  readonly children?: ReactNode;
}) {
  const lines = comment.from === comment.to ? `line ${comment.from}` : `lines ${comment.from}–${comment.to}`;
  return (
    <>
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
        {children}
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
    </>
  );
}

/** The field a comment is written in. What stands there is kept; only Cancel throws it away. */
function CommentEditor({
  agent,
  comment,
  onDone,
}: {
  readonly agent: string;
  readonly comment: ReviewComment;
  onDone?(): void;
}) {
  const room = useRoom();
  const { id } = comment;
  const words = useReview((state) => state.drafts[agent]?.open[id] ?? '');
  const wanted = useReview((state) => state.focus === id);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (!wanted) return;
    field.current?.focus();
    reviewStore(room).setState({ focus: null });
  }, [room, wanted]);
  const blank = words.trim() === '';
  const done = () => {
    if (blank) return;
    saveComment(room, agent, id);
    onDone?.();
  };
  const cancel = () => {
    cancelComment(room, agent, id);
    onDone?.();
  };
  return (
    <>
      <TextArea
        ref={field}
        rows={3}
        aria-label={`Comment on ${placeOf(comment)}`}
        placeholder="What should change here?"
        value={words}
        onChange={(event) => writeComment(room, agent, id, event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            done();
          }
          if (event.key === 'Escape') {
            event.stopPropagation();
            event.preventDefault();
            // Words stay where they are; only an editor with nothing new in it goes.
            if (blank || words === comment.text) cancel();
            else if (onDone === undefined) event.currentTarget.blur();
            else onDone();
          }
        }}
      />
      <div className={styles.editorActions}>
        <span className={styles.hint}>Ctrl Enter adds it</span>
        <Button small onClick={cancel}>
          Cancel
        </Button>
        <Button small tone="primary" disabled={blank} onClick={done}>
          {comment.text === '' ? 'Add comment' : 'Save'}
        </Button>
      </div>
    </>
  );
}
