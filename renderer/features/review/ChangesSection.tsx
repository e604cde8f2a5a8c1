import type { AgentView } from '../../../contract/agents.ts';
import { Button } from '../../components/Button.tsx';
import { Line } from '../../components/Text.tsx';
import { counted } from '../../stores/format.ts';
import { useRoom, useStatus, useTopic } from '../../stores/hooks.ts';
import { useFreshAnswer } from '../../stores/useAnswer.ts';
import styles from './ChangesSection.module.css';
import { FileChange, PlusMinus } from './FileChange.tsx';
import { NO_DRAFT, showFile, useReview, writtenComments } from './reviewStore.ts';

/** Files the inspector lists; the review has them all. */
const FILES_SHOWN = 8;

/** What the selected agent changed since its branch left the target, uncommitted work included. */
export function ChangesSection({ agent }: { readonly agent: AgentView }) {
  const root = useStatus((status) => status.project.root);
  // An agent that works in the project itself has no branch to compare.
  if (agent.branch === '' || root === null || agent.worktree === root) return null;
  return <Changes key={agent.name} agent={agent} />;
}

function Changes({ agent }: { readonly agent: AgentView }) {
  const room = useRoom();
  // Asked again when a turn ended or the radar saw other files; never while an agent merely streams.
  const seen = useTopic('radar', ({ value }) => {
    const one = value?.worktrees.find((worktree) => worktree.agentName === agent.name);
    return one === undefined ? '' : `${one.changedFiles} ${one.uncommittedFiles} ${one.merged}`;
  });
  const version = `${agent.turn?.id ?? 'rests'} ${agent.state} ${seen}`;
  const { value, problem, again } = useFreshAnswer('agents.changes', { agentName: agent.name }, version);
  const comments = useReview((state) => writtenComments(state.drafts[agent.name] ?? NO_DRAFT).length);
  const review = () => void room.actions.run('agent.review', room, agent.name);
  return (
    <section aria-label="Changes">
      <h3 className={styles.heading}>
        Changes
        {value === null || value.count === 0 ? null : (
          <span className={styles.sum}>
            {counted(value.count, 'file')} <PlusMinus added={value.added} removed={value.removed} />
          </span>
        )}
      </h3>
      {value === null ? (
        problem === null ? (
          <p className={styles.quiet}>Looking…</p>
        ) : (
          <p className={styles.quiet}>
            <Line text={problem} />{' '}
            <button type="button" className={styles.more} onClick={again}>
              try again
            </button>
          </p>
        )
      ) : value.count === 0 ? (
        <p className={styles.quiet}>Nothing is changed yet.</p>
      ) : (
        <>
          <ul>
            {value.files.slice(0, FILES_SHOWN).map((file) => (
              <li key={file.path}>
                <button
                  type="button"
                  className={styles.file}
                  onClick={() => {
                    showFile(room, agent.name, file.path);
                    review();
                  }}
                >
                  <FileChange file={file} />
                </button>
              </li>
            ))}
          </ul>
          {value.count > FILES_SHOWN ? <p className={styles.quiet}>and {value.count - FILES_SHOWN} more</p> : null}
          <div className={styles.actions}>
            <Button small onClick={review}>
              {comments === 0 ? 'Review changes' : `Go on with the review (${counted(comments, 'comment')})`}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
