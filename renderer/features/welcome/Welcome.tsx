import { Button } from '../../components/Button.tsx';
import { useRoom, useStatus } from '../../stores/hooks.ts';
import { Door } from './Doors.tsx';
import { RuntimeCheck } from './RuntimeCheck.tsx';
import styles from './Welcome.module.css';

/** What the room of a project without agents says: three doors, a first sling by hand, and what is there to run agents with. */
export function Welcome() {
  const room = useRoom();
  const name = useStatus((status) => status.project.name);
  const run = (id: string) => () => void room.actions.run(id, room);
  return (
    <div className={styles.welcome}>
      <div className={styles.column}>
        <h2 className={styles.title}>No agents yet</h2>
        <p className={styles.text}>
          {name === null ? 'This project' : <bdi>{name}</bdi>} is ready. Let a coordinator split an objective among
          agents, sling one task by hand, or watch a rehearsal first: it needs no account and no AI.
        </p>
        <div className={styles.doors}>
          <Door
            kind="coordinator"
            first
            title="Start a coordinator"
            text="Give it an objective. It writes tasks and slings agents to them."
            onOpen={run('coordinator.start')}
          />
          <Door
            kind="demo"
            title="Run the rehearsal demo"
            text="A project of its own, six tasks, a question for you. Takes a few minutes."
            onOpen={run('demo.start')}
          />
          <Door
            kind="open"
            title="Open a project"
            text="Another repository. This one stays as it is."
            onOpen={run('project.open')}
          />
        </div>
        <div className={styles.hand}>
          <span>One task, one agent, one merge:</span>
          <Button onClick={run('task.create')}>Create a task</Button>
          <Button onClick={run('guide.start')}>Guide me through it</Button>
        </div>
        <RuntimeCheck />
      </div>
    </div>
  );
}
