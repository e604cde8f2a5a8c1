import { useState } from 'react';
import type { RuntimeView } from '../../../contract/runtimes.ts';
import { Badge } from '../../components/Badge.tsx';
import { Button } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Glyph } from '../../components/Glyph.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Section } from '../../components/Section.tsx';
import { Line } from '../../components/Text.tsx';
import { useRoom } from '../../stores/hooks.ts';
import type { Answer } from '../../stores/useAnswer.ts';
import { remedy } from '../welcome/runtimeRules.ts';
import styles from './Settings.module.css';
import { guardWords, readiness } from './settingsRules.ts';
import type { ConfigAccess } from './useConfig.ts';

/** Milliseconds for all probes together: some dozen programs, a few at a time. */
const PROBES_MS = 60_000;

export type RuntimesAnswer = Answer<{ readonly runtimes: RuntimeView[] }>;

function RuntimeRow({ runtime, config }: { readonly runtime: RuntimeView; readonly config: ConfigAccess }) {
  const room = useRoom();
  const { glyph, words, ready } = readiness(runtime);
  const isDefault = runtime.usedBy.includes('default');
  const choose = async () => {
    const refused = await config.write([{ key: 'runtime.default', value: runtime.name }]);
    if (refused !== null) room.notices.say('error', refused.message);
  };
  const guard = runtime.guard?.level ?? runtime.features.guards;
  return (
    <li className={styles.runtime} aria-label={runtime.name}>
      <span className={cx(styles.ready, ready && styles.isReady)}>
        <Glyph shape={glyph} />
      </span>
      <div className={styles.runtimeWords}>
        <div className={styles.runtimeName}>
          <span className={styles.strong}>{runtime.name}</span>
          <span className={ready ? styles.good : styles.faint}>{words}</span>
          {runtime.stability === 'stable' ? null : <Badge>{runtime.stability}</Badge>}
          <Badge
            tone={guard === 'enforced' ? 'good' : guard === 'absent' ? 'warning' : 'plain'}
            title={runtime.guard?.note ?? runtime.features.guardNote}
          >
            {guardWords(runtime)}
          </Badge>
          {runtime.usedBy.map((use) => (
            <Badge key={use} tone="info">
              {use}
            </Badge>
          ))}
        </div>
        <Line text={remedy(runtime.detail)} className={styles.detail} title />
        {runtime.warning === null ? null : <Line text={runtime.warning} className={styles.warning} title />}
        {runtime.guard?.verified === false ? <Line text={runtime.guard.note} className={styles.warning} title /> : null}
      </div>
      {isDefault || !runtime.ready ? null : (
        <Button small aria-label={`Use by default: ${runtime.name}`} onClick={() => void choose()}>
          Use by default
        </Button>
      )}
    </li>
  );
}

/** What can run agents on this machine, and what is missing for the rest. */
export function Runtimes({ answer, config }: { readonly answer: RuntimesAnswer; readonly config: ConfigAccess }) {
  const room = useRoom();
  const [checking, setChecking] = useState(false);
  const check = async () => {
    setChecking(true);
    const asked = await room.link.call('agents.runtimes', { refresh: true }, { timeoutMs: PROBES_MS });
    setChecking(false);
    if (asked.ok) answer.put(asked.value);
    else room.notices.say('error', asked.error.message);
  };
  const runtimes = answer.value?.runtimes ?? null;
  return (
    <Section
      title="Runtimes on this machine"
      text="The engine asks each command line for its version and its login; nothing leaves this machine."
      actions={
        <Button small disabled={checking} onClick={() => void check()}>
          {checking ? 'Checking…' : 'Check again'}
        </Button>
      }
    >
      {runtimes === null ? (
        answer.error === null ? (
          <Loading label="Loading runtimes" rows={6} rowHeight={46} />
        ) : (
          <ErrorState title="The runtimes cannot be read" message={answer.error.message} onRetry={answer.reload} />
        )
      ) : (
        <ul className={styles.runtimes} aria-label="Runtimes" aria-busy={checking || undefined}>
          {runtimes.map((runtime) => (
            <RuntimeRow key={runtime.name} runtime={runtime} config={config} />
          ))}
        </ul>
      )}
    </Section>
  );
}
