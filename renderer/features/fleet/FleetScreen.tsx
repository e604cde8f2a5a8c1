import { useLoaded, useTopic } from '../../stores/hooks.ts';
import { NothingThen } from '../replay/NothingThen.tsx';
import { Welcome } from '../welcome/Welcome.tsx';
import { AttentionQueue } from './AttentionQueue.tsx';
import styles from './FleetScreen.module.css';
import { FleetTable } from './FleetTable.tsx';

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
      {loaded && count === 0 ? (
        <NothingThen what="agents">
          <Welcome />
        </NothingThen>
      ) : null}
    </div>
  );
}
