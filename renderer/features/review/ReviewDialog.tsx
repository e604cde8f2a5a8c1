import { X } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import type { AgentChanges, ChangedFile } from '../../../contract/changes.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import { callEngine } from '../../actions/calls.ts';
import { BareDialog } from '../../components/BareDialog.tsx';
import { Button, IconButton } from '../../components/Button.tsx';
import { ChoiceList } from '../../components/ChoiceList.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { TextArea } from '../../components/Field.tsx';
import { Glyph } from '../../components/Glyph.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { Line } from '../../components/Text.tsx';
import { counted } from '../../stores/format.ts';
import { useAgent, useRoom, useTopic } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import { useFreshAnswer } from '../../stores/useAnswer.ts';
import { CommentCard } from './CommentCard.tsx';
import { DiffView } from './DiffView.tsx';
import { FileChange, PlusMinus } from './FileChange.tsx';
import styles from './ReviewDialog.module.css';
import { type DiffMode, type ReviewComment, reviewMail, reviewReader } from './reviewRules.ts';
import {
  beginComment,
  closeEmpty,
  dropDraft,
  moveComment,
  NO_DRAFT,
  reviewStore,
  setNote,
  showFile,
  useReview,
  writtenComments,
} from './reviewStore.ts';

/** Everything an agent changed, file by file, with comments that become one mail to it. */
export function ReviewDialog({ name, close }: { readonly name: string; close(): void }) {
  const changes = useFreshAnswer('agents.changes', { agentName: name });
  return (
    <BareDialog label={`Review changes of ${showableLine(name)}`} full onClose={close}>
      <div className={styles.review}>
        <Head name={name} changes={changes.value} loading={changes.loading} again={changes.again} close={close} />
        {changes.value !== null ? (
          <Files name={name} changes={changes.value} again={changes.again} close={close} />
        ) : changes.problem !== null ? (
          <>
            <ErrorState title="The changes cannot be shown" message={changes.problem} onRetry={changes.again} />
            <Stranded name={name} files={NO_FILES} />
          </>
        ) : (
          <Loading label="Loading the changes" rows={10} />
        )}
      </div>
    </BareDialog>
  );
}

function Head({
  name,
  changes,
  loading,
  again,
  close,
}: {
  readonly name: string;
  readonly changes: AgentChanges | null;
  readonly loading: boolean;
  again(): void;
  close(): void;
}) {
  const room = useRoom();
  const mode = useReview((state) => state.mode);
  return (
    <header className={styles.head}>
      <h2 className={styles.title}>
        <Line text={name} title />
      </h2>
      {changes === null ? null : (
        <p className={styles.facts}>
          <Line text={changes.branch} className={styles.mono} title />
          <span>
            {counted(changes.count, 'file')} since <Line text={changes.target} />
          </span>
          <PlusMinus added={changes.added} removed={changes.removed} />
          {changes.uncommitted === 0 ? null : <span>{changes.uncommitted} uncommitted</span>}
          {changes.worktree === null ? <span>worktree is gone: the branch as it was left</span> : null}
        </p>
      )}
      <span className={styles.gap} />
      <Segmented<DiffMode>
        label="Layout"
        value={mode}
        onChange={(next) => reviewStore(room).setState({ mode: next })}
        options={[
          { value: 'unified', label: 'Unified' },
          { value: 'split', label: 'Side by side' },
        ]}
      />
      <Button small disabled={loading} onClick={again}>
        {loading ? 'Looking…' : 'Look again'}
      </Button>
      <IconButton label="Close" shortcut="Escape" onClick={close}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </header>
  );
}

function Files({
  name,
  changes,
  again,
  close,
}: {
  readonly name: string;
  readonly changes: AgentChanges;
  again(): void;
  close(): void;
}) {
  const room = useRoom();
  const looked = useReview((state) => state.files[name]);
  const drafted = useReview((state) => state.drafts[name]?.comments);
  const { files } = changes;
  const index = Math.max(
    0,
    files.findIndex((file) => file.path === looked),
  );
  const file = files[index];
  if (file === undefined)
    return (
      <>
        <EmptyState
          title="Nothing is changed yet"
          text="What the agent edits or commits appears here, uncommitted work included."
        />
        <Stranded name={name} files={files} />
        {drafted === undefined || drafted.length === 0 ? null : <Send name={name} changes={changes} close={close} />}
      </>
    );
  return (
    <div className={styles.body}>
      <ChoiceList
        label="Changed files"
        className={styles.files}
        count={files.length}
        index={index}
        rowHeight={30}
        keyOf={(row) => files[row]?.path ?? String(row)}
        row={(row) => {
          const one = files[row];
          if (one === undefined) return null;
          const comments = drafted?.filter((comment) => comment.path === one.path && comment.text !== '').length ?? 0;
          return <FileChange file={one} comments={comments} />;
        }}
        onChoose={(row) => {
          const one = files[row];
          if (one !== undefined) showFile(room, name, one.path);
        }}
        more={changes.count > files.length ? counted(changes.count - files.length, 'further file') : null}
      />
      <div className={styles.main}>
        <FileView name={name} changes={changes} file={file} again={again} />
        <Stranded name={name} files={files} />
        <Send name={name} changes={changes} close={close} />
      </div>
    </div>
  );
}

function FileView({
  name,
  changes,
  file,
  again,
}: {
  readonly name: string;
  readonly changes: AgentChanges;
  readonly file: ChangedFile;
  again(): void;
}) {
  const room = useRoom();
  const mode = useReview((state) => state.mode);
  const comments = useReview((state) => state.drafts[name]?.comments ?? NO_DRAFT.comments);
  const { base, tip } = changes;
  const answer = useFreshAnswer('agents.diff', { agentName: name, base, tip, path: file.path, from: file.from });
  const ofFile = useMemo(() => comments.filter((comment) => comment.path === file.path), [comments, file.path]);
  // An editor that was opened and left without words is not met again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file is a place to leave it, too.
  useEffect(() => () => closeEmpty(room, name), [room, name, file.path]);
  const found = (id: number, { from, to }: Pick<ReviewComment, 'from' | 'to'>) => {
    const comment = ofFile.find((one) => one.id === id);
    if (comment === undefined) return;
    const { head } = changes;
    if (comment.from !== from || comment.to !== to || comment.head !== head)
      moveComment(room, name, id, { from, to, head });
  };
  return (
    <section className={styles.view} aria-label="Changes of the file">
      <p className={styles.path}>
        {file.from === null ? null : (
          <>
            <Line text={file.from} className={styles.mono} title /> <Glyph shape="to" words="now" />{' '}
          </>
        )}
        <Line text={file.path} className={styles.mono} title />
        {file.uncommitted ? <span className={styles.quiet}>uncommitted</span> : null}
      </p>
      {answer.value === null ? (
        answer.problem === null ? (
          <Loading label="Loading the difference" rows={12} rowHeight={19} />
        ) : (
          <>
            <ErrorState title="The difference cannot be shown" message={answer.problem} onRetry={again} />
            <Comments name={name} comments={ofFile} gone="line" />
          </>
        )
      ) : (
        <>
          {answer.value.note === null ? null : (
            <p className={styles.note}>
              <Line text={answer.value.note} />
            </p>
          )}
          {answer.value.hunks.length === 0 ? (
            <Comments name={name} comments={ofFile} gone="line" />
          ) : (
            <DiffView
              agent={name}
              diff={answer.value}
              mode={mode}
              comments={ofFile}
              onBegin={(place) => beginComment(room, name, { ...place, path: file.path, head: changes.head })}
              onLeave={() => closeEmpty(room, name)}
              onFound={found}
            />
          )}
        </>
      )}
    </section>
  );
}

const NO_FILES: readonly ChangedFile[] = [];

/** Comments of the draft on files that are no longer among the changes, with what they were about. */
function Stranded({ name, files }: { readonly name: string; readonly files: readonly ChangedFile[] }) {
  const comments = useReview((state) => state.drafts[name]?.comments ?? NO_DRAFT.comments);
  const there = new Set(files.map((file) => file.path));
  return <Comments name={name} comments={comments.filter((comment) => !there.has(comment.path))} gone="file" />;
}

/** Comments without a difference to stand in. */
function Comments({
  name,
  comments,
  gone,
}: {
  readonly name: string;
  readonly comments: readonly ReviewComment[];
  readonly gone: 'line' | 'file';
}) {
  if (comments.length === 0) return null;
  return (
    <section className={styles.stranded} aria-label="Comments without a place">
      {comments.map((comment) => (
        <CommentCard key={comment.id} agent={name} comment={comment} gone={gone} />
      ))}
    </section>
  );
}

/** The draft as a whole: words about all of it, and the one button that sends it. */
function Send({ name, changes, close }: { readonly name: string; readonly changes: AgentChanges; close(): void }) {
  const room = useRoom();
  const agent = useAgent(name);
  const reader = useTopic('agents', ({ byId }) => (agent === undefined ? null : reviewReader(agent, byId)));
  const draft = useReview((state) => state.drafts[name] ?? NO_DRAFT);
  // Words that stand in an open editor are meant to be sent too.
  const comments = writtenComments(draft);
  const empty = comments.length === 0 && draft.note.trim() === '';
  const send = async () => {
    if (empty || reader === null) return;
    const { subject, body } = reviewMail(changes, comments, draft.note);
    const input = { to: reader, from: OPERATOR, subject, body, type: 'status' as const, priority: 'high' as const };
    const sent = await callEngine(room, 'mail.send', input);
    if (!sent.ok) return;
    dropDraft(room, name);
    room.notices.say('info', `The review is on its way to ${showableLine(reader)}.`);
    close();
  };
  const copy = async () => {
    const { subject, body } = reviewMail(changes, comments, draft.note);
    try {
      await navigator.clipboard.writeText(`${subject}\n\n${body}`);
      room.notices.say('info', 'Copied the review.');
    } catch {
      // Nothing is lost: the draft stays where it is.
      room.notices.say('error', 'The clipboard was refused; the draft stays here.');
    }
  };
  return (
    <footer className={styles.send}>
      <TextArea
        rows={1}
        className={styles.words}
        aria-label="Words about the whole"
        placeholder="Words about the whole (optional)"
        value={draft.note}
        onChange={(event) => setNote(room, name, event.target.value)}
      />
      <span className={styles.quiet}>
        {comments.length === 0 ? 'choose lines to comment' : counted(comments.length, 'comment')}
        {reader === null
          ? ` · ${showableLine(name)} has ended and reads no more mail`
          : reader === name
            ? ''
            : ` · goes to ${showableLine(reader)}, its parent`}
      </span>
      {empty ? null : (
        <Button small onClick={() => dropDraft(room, name)}>
          Throw away
        </Button>
      )}
      {reader === null ? (
        <Button small disabled={empty} onClick={() => void copy()}>
          Copy review
        </Button>
      ) : (
        <Button small tone="primary" disabled={empty} onClick={() => void send()}>
          {`Send to ${showableLine(reader)}`}
        </Button>
      )}
    </footer>
  );
}
