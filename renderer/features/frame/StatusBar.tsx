import { Age } from '../../components/Age.tsx';
import { Line } from '../../components/Text.tsx';
import { useLinkState, useStatus } from '../../stores/hooks.ts';
import styles from './StatusBar.module.css';

function Watchdog() {
  const watchdog = useStatus((status) => status.watchdog);
  if (watchdog === null) return null;
  return (
    <span className={styles.part}>
      watchdog{' '}
      <b>
        {watchdog.lastTickAt === null ? (
          'not yet'
        ) : (
          <>
            <Age at={watchdog.lastTickAt} /> ago
          </>
        )}
        {' · '}
        {watchdog.agents} watched
        {watchdog.verdicts > 0 ? ` · ${watchdog.verdicts} ${watchdog.verdicts === 1 ? 'verdict' : 'verdicts'}` : ''}
      </b>
    </span>
  );
}

function Part({ name, value }: { readonly name: string; readonly value: string | number | null }) {
  return value === null ? null : (
    <span className={styles.part}>
      {name} <b>{value}</b>
    </span>
  );
}

/** Engine, watchdog, terminals, queues, connection. */
export function StatusBar() {
  const engine = useStatus((status) => `${status.engine.mode} ${status.engine.version}`);
  const terminals = useStatus((status) => status.terminals);
  const mailQueued = useStatus((status) => `${status.mailQueued} queued`);
  const merges = useStatus((status) => `${status.mergesWaiting} waiting`);
  const branch = useStatus((status) => status.project.branch);
  const head = useStatus((status) => status.project.head);
  const link = useLinkState((state) => state.kind);
  return (
    <footer className={styles.bar}>
      <Part name="engine" value={engine} />
      <Watchdog />
      <Part name="ptys" value={terminals} />
      <Part name="mail" value={mailQueued} />
      <Part name="merge" value={merges} />
      <span className={styles.gap} />
      <Part name="connection" value={link} />
      {head === null ? null : (
        <span className={styles.part}>
          <Line text={branch ?? 'detached'} /> <b className={styles.mono}>{head}</b>
        </span>
      )}
    </footer>
  );
}
