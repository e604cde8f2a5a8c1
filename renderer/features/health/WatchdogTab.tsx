import { RotateCcw } from 'lucide-react';
import { memo, useCallback, useEffect, useRef, useState } from 'react';
import type { RuleMode, WatchdogAction, WatchdogRuleView } from '../../../contract/evidence.ts';
import type { WatchdogLimitView } from '../../../contract/watchdogLimits.ts';
import { callEngine } from '../../actions/calls.ts';
import { inspectAgent } from '../../actions/navigation.ts';
import { Age } from '../../components/Age.tsx';
import { Badge } from '../../components/Badge.tsx';
import { IconButton } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { type DataColumn, DataTable } from '../../components/DataTable.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Loading } from '../../components/Loading.tsx';
import { NumberField } from '../../components/NumberField.tsx';
import { Section } from '../../components/Section.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { Line } from '../../components/Text.tsx';
import { counted } from '../../stores/format.ts';
import { useRoom, useStatus } from '../../stores/hooks.ts';
import styles from './Health.module.css';
import { LIMIT_WORDS, MODE_TITLES, RULE_TITLES } from './healthWords.ts';
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
      <div className={styles.words}>
        <span className={styles.ruleTitle}>
          {title} <code className={styles.code}>{rule.rule}</code>
        </span>
        <span className={styles.hint}>{rule.does}</span>
      </div>
      <span className={styles.tally}>
        {rule.acted === 0 && rule.shadowed === 0 ? <span className={styles.faint}>not in 7 days</span> : null}
        {rule.acted > 0 ? <span>acted {counted(rule.acted, 'time')}</span> : null}
        {rule.shadowed > 0 ? (
          <span className={styles.shadowed}>would have {counted(rule.shadowed, 'time')}</span>
        ) : null}
        {rule.mode === rule.preset ? null : (
          <span className={styles.faint}>config.yaml: {MODE_TITLES[rule.preset].toLowerCase()}</span>
        )}
      </span>
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

const ACTION_COLUMNS: readonly DataColumn<WatchdogAction>[] = [
  { id: 'at', title: 'Ago', width: '52px', numeric: true, quiet: true, cell: (row) => <Age at={row.at} /> },
  {
    id: 'agent',
    title: 'Agent',
    width: 'minmax(90px, 150px)',
    cell: (row) => <Line text={row.agentName} title />,
  },
  {
    id: 'mode',
    title: 'Mode',
    width: '64px',
    cell: (row) => <Badge tone={row.mode === 'live' ? 'info' : 'plain'}>{MODE_TITLES[row.mode].toLowerCase()}</Badge>,
  },
  {
    id: 'what',
    title: 'Did, or would have done',
    width: 'minmax(150px, 1.6fr)',
    cell: (row) => (
      <>
        {row.mode === 'shadow' ? <span className={styles.shadowed}>would have </span> : null}
        <Line text={row.action} title />
      </>
    ),
  },
  {
    id: 'why',
    title: 'Because',
    width: 'minmax(120px, 2fr)',
    quiet: true,
    cell: (row) => <Line text={row.reason} title />,
  },
  {
    id: 'outcome',
    title: 'Outcome',
    width: 'minmax(64px, 1fr)',
    quiet: true,
    cell: (row) => <Line text={row.mode === 'shadow' ? 'nothing was done' : (row.outcome ?? 'under way')} title />,
  },
];
const keyOfAction = (row: WatchdogAction): string => String(row.id);

/** The watchdog's policy: every rule off, in shadow or live, what it measures against, and what it did in the last day. */
export function WatchdogTab() {
  const room = useRoom();
  const tick = useStatus((status) => status.watchdog.lastTickAt);
  const answer = useAnswer('watchdog.rules', {}, tick);
  const limits = useAnswer('watchdog.limits', {});
  const [chosen, setChosen] = useState<string | null>(null);
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
  const recent = answer.value?.recent;
  const onSelect = useCallback(
    (key: string) => {
      setChosen(key);
      const action = recent?.find((row) => keyOfAction(row) === key);
      if (action !== undefined && room.topics.agents.getState().state.byId[action.agentName] !== undefined)
        inspectAgent(room, action.agentName);
    },
    [room, recent],
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
      <section
        className={cx(styles.lower, answer.value.recent.length === 0 && styles.lowerEmpty)}
        aria-label="What the watchdog did lately"
      >
        <h2 className={styles.lowerTitle}>
          Lately{' '}
          <span className={cx(styles.faint, styles.lowerNote)}>
            the last day, or the newest few · a row opens the agent's why
          </span>
        </h2>
        <DataTable
          label="What the watchdog did"
          rows={answer.value.recent}
          columns={ACTION_COLUMNS}
          keyOf={keyOfAction}
          selected={chosen}
          onSelect={onSelect}
          empty={<p className={styles.nothing}>Nothing yet: the watchdog has neither acted nor recorded anything.</p>}
        />
      </section>
    </div>
  );
}
