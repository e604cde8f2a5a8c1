import { useCallback, useEffect, useState } from 'react';
import type { RuntimeView } from '../../../contract/runtimes.ts';
import { Button } from '../../components/Button.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Section } from '../../components/Section.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line } from '../../components/Text.tsx';
import { counted } from '../../stores/format.ts';
import { useLinkState, useRoom } from '../../stores/hooks.ts';
import { byReadiness, remedy } from './runtimeRules.ts';
import styles from './Welcome.module.css';

type Found = { readonly runtimes: readonly RuntimeView[] } | { readonly problem: string } | null;

function RuntimeRow({ runtime }: { readonly runtime: RuntimeView }) {
  return (
    <li className={styles.runtime}>
      <StatusMark status={runtime.ready ? 'done' : 'resting'} />
      <Line text={runtime.name} className={styles.runtimeName} />
      <span className={styles.runtimeState}>{runtime.ready ? 'ready' : 'not ready'}</span>
      <Line text={remedy(runtime.detail)} className={styles.runtimeDetail} title />
    </li>
  );
}

/** Which agent programs are on this machine, and for each that is not ready one line on how to get it. */
export function RuntimeCheck() {
  const room = useRoom();
  const online = useLinkState((state) => state.kind === 'online');
  const [found, setFound] = useState<Found>(null);
  const [asking, setAsking] = useState(false);
  const look = useCallback(
    async (refresh: boolean) => {
      setAsking(true);
      const answer = await room.link.call('agents.runtimes', { refresh });
      setAsking(false);
      setFound(answer.ok ? { runtimes: byReadiness(answer.value.runtimes) } : { problem: answer.error.message });
    },
    [room],
  );
  useEffect(() => {
    if (online) void look(false);
  }, [online, look]);
  const ready = found !== null && 'runtimes' in found ? found.runtimes.filter((one) => one.ready).length : null;
  return (
    <Section
      title="Agent programs on this machine"
      {...(ready === null ? {} : { count: counted(ready, 'ready', 'ready') })}
      actions={
        <Button small disabled={asking} onClick={() => void look(true)}>
          {asking ? 'Looking…' : 'Look again'}
        </Button>
      }
    >
      {found === null ? (
        <Loading label="Looking for agent programs" rows={4} />
      ) : 'problem' in found ? (
        <p role="alert">
          <Line text={found.problem} />
        </p>
      ) : (
        <ul className={styles.runtimes}>
          {found.runtimes.map((runtime) => (
            <RuntimeRow key={runtime.name} runtime={runtime} />
          ))}
        </ul>
      )}
    </Section>
  );
}
