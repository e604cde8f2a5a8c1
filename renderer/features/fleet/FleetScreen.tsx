import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { useLoaded, useRoom, useTopic } from '../../stores/hooks.ts';
import { AttentionQueue } from './AttentionQueue.tsx';
import styles from './FleetScreen.module.css';
import { FleetTable } from './FleetTable.tsx';

/** What can be done in a project without agents. */
function NoAgents() {
  const room = useRoom();
  const run = (id: string, instead: string) => () => {
    if (!room.actions.run(id, room)) room.actions.run(instead, room);
  };
  return (
    <EmptyState
      title="No agents yet"
      text="Write a task and sling it to an agent, or give a coordinator an objective and let it split the work."
    >
      <Button tone="primary" onClick={run('task.create', 'go.board')}>
        Create a task
      </Button>
      <Button onClick={run('coordinator.start', 'palette.open')}>Start a coordinator</Button>
      <p className={styles.demo}>
        No agent CLI installed? Rehearse a whole run in a sample project: <code>npm run demo</code>
      </p>
    </EmptyState>
  );
}

/** What waits for a person first, then every agent. */
export function FleetScreen() {
  const count = useTopic('agents', ({ byId }) => Object.keys(byId).length);
  const loaded = useLoaded('agents');
  return (
    <div className={styles.screen}>
      <AttentionQueue />
      {count > 0 ? (
        <section className={styles.fleet} aria-label="Fleet">
          <h2 className={styles.heading}>
            <span>
              Fleet <span className={styles.number}>{count}</span>
            </span>
          </h2>
          <FleetTable />
        </section>
      ) : null}
      {loaded && count === 0 ? <NoAgents /> : null}
    </div>
  );
}
