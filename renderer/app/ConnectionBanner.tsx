import { chosenProject, enterProject } from '../client/browserProject.ts';
import { Button } from '../components/Button.tsx';
import { Line } from '../components/Text.tsx';
import { useLinkState, useRoom } from '../stores/hooks.ts';
import styles from './ConnectionBanner.module.css';

/** Says why there is no connection and when the next attempt is; absent while all is well. */
export function ConnectionBanner() {
  const { link, desktop } = useRoom();
  const state = useLinkState((held) => held);
  if (state.kind === 'online') return null;
  if (state.kind === 'connecting')
    return (
      <div className={styles.quiet} role="status">
        Connecting to the engine…
      </div>
    );
  return (
    <div className={styles.banner} role="alert">
      <span className={styles.title}>
        {state.kind === 'offline' ? 'Connection lost' : 'The engine refused this window'}
      </span>
      <Line text={state.reason} className={styles.reason} title />
      {state.kind === 'offline' ? (
        <>
          <span>trying again by itself</span>
          <Button small onClick={() => link.retryNow()}>
            Retry now
          </Button>
          {desktop === null && chosenProject(window) !== null ? (
            <Button small onClick={() => enterProject(window, null)}>
              Back to the first project
            </Button>
          ) : null}
        </>
      ) : (
        <Button small onClick={() => location.reload()}>
          Load again
        </Button>
      )}
    </div>
  );
}
