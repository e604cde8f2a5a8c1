import { useMemo } from 'react';
import type { WatchdogLimitView } from '../../../contract/watchdogLimits.ts';
import { Age } from '../../components/Age.tsx';
import { Badge } from '../../components/Badge.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Section } from '../../components/Section.tsx';
import { counted } from '../../stores/format.ts';
import { useRoom, useStatus } from '../../stores/hooks.ts';
import { useReplayLook } from '../replay/useReplayLook.ts';
import { ActionTable } from './ActionTable.tsx';
import styles from './Health.module.css';
import { LIMIT_WORDS, MODE_TITLES } from './healthWords.ts';
import { RuleWords } from './RuleWords.tsx';
import { useAnswer } from './useAnswer.ts';

/** The moment shown, as it has to be asked for anew; null in a live room. */
function useMoment(): string | null {
  const { replay } = useRoom();
  const look = useReplayLook();
  return useMemo(
    () => (look === null || replay === null ? null : new Date(replay.player.store.getState().at).toISOString()),
    [look, replay],
  );
}

function Limit({ limit }: { readonly limit: WatchdogLimitView }) {
  const { title, hint, unit, factor } = LIMIT_WORDS[limit.name];
  const words = (value: number): string => `${value / factor}${unit === '' ? '' : ` ${unit}`}`;
  return (
    <li className={styles.limit}>
      <div className={styles.words}>
        <span className={styles.ruleTitle}>{title}</span>
        <span className={styles.hint}>{hint}</span>
      </div>
      <span className={styles.limitThen}>
        {words(limit.value)}
        {limit.value === limit.preset ? null : (
          <span className={styles.faint}> config.yaml: {words(limit.preset)}</span>
        )}
      </span>
    </li>
  );
}

function LastLook() {
  const lastTickAt = useStatus((status) => status.watchdog.lastTickAt);
  const agents = useStatus((status) => status.watchdog.agents);
  const verdicts = useStatus((status) => status.watchdog.verdicts);
  return (
    <p className={styles.hint}>
      {lastTickAt === null ? (
        'The watchdog had not looked yet.'
      ) : (
        <>
          Last look <Age at={lastTickAt} /> earlier: {counted(agents ?? 0, 'agent')},{' '}
          {counted(verdicts ?? 0, 'verdict')}.
        </>
      )}
    </p>
  );
}

/** The watchdog as it was at the moment shown: by what it judged, and what it had done or would have done. Nothing is set here. */
export function PastWatchdogTab({ at }: { readonly at: string }) {
  const answer = useAnswer('replay.watchdog', { at });
  if (answer.value === null)
    return answer.error === null ? (
      <Loading label="Loading rules" rows={9} />
    ) : (
      <ErrorState title="What the watchdog did cannot be read" message={answer.error} onRetry={answer.reload} />
    );
  const { policy, recent } = answer.value;
  return (
    <div className={styles.split}>
      <div className={styles.scroll}>
        <LastLook />
        {policy === null ? (
          <Section title="Rules">
            <p className={styles.hint}>Which rules held at this moment is not recorded.</p>
          </Section>
        ) : (
          <>
            <Section
              title="Rules"
              count={policy.rules.length}
              text="As they held at this moment. Shadow recorded what a rule would have done and did nothing."
            >
              <ul className={styles.list} aria-label="Rules">
                {policy.rules.map((rule) => (
                  <li key={rule.rule} className={styles.rule}>
                    <RuleWords rule={rule} />
                    <span className={styles.modeThen}>
                      <Badge tone={rule.mode === 'live' ? 'info' : 'plain'}>{MODE_TITLES[rule.mode]}</Badge>
                    </span>
                  </li>
                ))}
              </ul>
            </Section>
            <Section title="Limits" text="As they held at this moment.">
              <ul className={styles.limits} aria-label="Limits">
                {policy.limits.map((limit) => (
                  <Limit key={limit.name} limit={limit} />
                ))}
              </ul>
            </Section>
          </>
        )}
      </div>
      <ActionTable actions={recent} />
    </div>
  );
}

/** The same at the moment that is on the line above. */
export function WatchdogThen() {
  const at = useMoment();
  return at === null ? null : <PastWatchdogTab at={at} />;
}
