import { RotateCcw } from 'lucide-react';
import { memo, useCallback, useEffect, useRef, useState } from 'react';
import type { RuleMode, WatchdogRuleView } from '../../../contract/evidence.ts';
import type { WatchdogLimitView } from '../../../contract/watchdogLimits.ts';
import { callEngine } from '../../actions/calls.ts';
import { IconButton } from '../../components/Button.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Loading } from '../../components/Loading.tsx';
import { NumberField } from '../../components/NumberField.tsx';
import { Section } from '../../components/Section.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { counted } from '../../stores/format.ts';
import { useRoom, useStatus } from '../../stores/hooks.ts';
import { ActionTable } from './ActionTable.tsx';
import styles from './Health.module.css';
import { LIMIT_WORDS, MODE_TITLES, RULE_TITLES } from './healthWords.ts';
import { RuleWords } from './RuleWords.tsx';
import { useAnswer } from './useAnswer.ts';

/** From what does nothing to what acts, as they stand side by side. */
const MODES = (['off', 'shadow', 'live'] as const satisfies readonly RuleMode[]).map((value) => ({
  value,
  label: MODE_TITLES[value],
}));

const RuleRow = memo(function RuleRow({
  rule,
  onMode,
}: {
  readonly rule: WatchdogRuleView;
  onMode(rule: WatchdogRuleView, mode: RuleMode): void;
}) {
  const title = RULE_TITLES[rule.rule];
  return (
    <li className={styles.rule}>
      <RuleWords rule={rule} />
      <Segmented label={`Mode of ${title}`} options={MODES} value={rule.mode} onChange={(mode) => onMode(rule, mode)} />
    </li>
  );
});

function LimitField({
  limit,
  onSet,
}: {
  readonly limit: WatchdogLimitView;
  onSet(name: WatchdogLimitView['name'], value: number | null): Promise<boolean>;
}) {
  const { title, hint, unit, factor, min, max, step } = LIMIT_WORDS[limit.name];
  const held = limit.value / factor;
  const [typed, setTyped] = useState<number | null>(held);
  const [refused, setRefused] = useState(0);
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => setTyped(held), [held]);
  // A field that was refused is made anew with what holds, and the person is still in it.
  useEffect(() => {
    if (refused > 0) place.current?.querySelector('input')?.focus();
  }, [refused]);
  const commit = async (value: number | null) => {
    if (value === held) return;
    // The notice says why.
    if (value !== null && (await onSet(limit.name, Math.round(value * factor)))) return;
    setTyped(held);
    setRefused((times) => times + 1);
  };
  return (
    <li ref={place} className={styles.limit}>
      <div className={styles.words}>
        <span className={styles.ruleTitle}>{title}</span>
        <span className={styles.hint}>{hint}</span>
      </div>
      <NumberField
        key={refused}
        label={title}
        value={typed}
        min={min}
        max={max}
        step={step}
        {...(unit === '' ? {} : { unit })}
        onChange={setTyped}
        onCommit={(value) => void commit(value)}
      />
      <span className={styles.resetPlace}>
        {limit.value === limit.preset ? null : (
          <IconButton
            label={`${title}: back to ${limit.preset / factor}${unit === '' ? '' : ` ${unit}`}, as config.yaml says`}
            onClick={() => void onSet(limit.name, null)}
          >
            <RotateCcw size={13} aria-hidden="true" />
          </IconButton>
        )}
      </span>
    </li>
  );
}

/** The watchdog's policy: every rule off, in shadow or live, what it measures against, and what it did in the last day. */
export function WatchdogTab() {
  const room = useRoom();
  const tick = useStatus((status) => status.watchdog.lastTickAt);
  const answer = useAnswer('watchdog.rules', {}, tick);
  const limits = useAnswer('watchdog.limits', {});
  const { reload } = answer;
  const reloadLimits = limits.reload;
  const onMode = useCallback(
    async (rule: WatchdogRuleView, mode: RuleMode) => {
      const done = await callEngine(room, 'watchdog.setRule', { rule: rule.rule, mode });
      if (done.ok) room.notices.say('info', `${RULE_TITLES[rule.rule]}: ${MODE_TITLES[mode].toLowerCase()} now.`);
      reload();
    },
    [room, reload],
  );
  const onLimit = useCallback(
    async (name: WatchdogLimitView['name'], value: number | null) => {
      const done = await callEngine(room, 'watchdog.setLimit', { name, value });
      reloadLimits();
      return done.ok;
    },
    [room, reloadLimits],
  );
  if (answer.value === null)
    return answer.error === null ? (
      <Loading label="Loading rules" rows={9} />
    ) : (
      <ErrorState title="The watchdog does not answer" message={answer.error} onRetry={reload} />
    );
  const { rules, triage } = answer.value;
  return (
    <div className={styles.split}>
      <div className={styles.scroll}>
        <Section
          title="Rules"
          count={rules.length}
          text="Shadow records what a rule would have done, with the evidence, and does nothing. Nobody is ended on one signal."
        >
          <ul className={styles.list}>
            {rules.map((rule) => (
              <RuleRow key={rule.rule} rule={rule} onMode={(one, mode) => void onMode(one, mode)} />
            ))}
          </ul>
        </Section>
        <Section title="Limits" text="A value set here holds at once and goes before config.yaml.">
          {limits.value === null ? (
            <Loading label="Loading limits" rows={3} />
          ) : (
            <ul className={styles.limits}>
              {limits.value.limits.map((limit) => (
                <LimitField key={limit.name} limit={limit} onSet={onLimit} />
              ))}
            </ul>
          )}
        </Section>
        {triage.asked === 0 ? null : (
          <p className={styles.hint}>
            Models were asked {counted(triage.asked, 'time')}, about {triage.tokensIn + triage.tokensOut} tokens of the
            watchdog's own.
          </p>
        )}
      </div>
      <ActionTable actions={answer.value.recent} />
    </div>
  );
}
