import { useState } from 'react';
import type { ConfigView } from '../../../contract/config.ts';
import { BUDGET_MEASURES, BUDGET_SCOPES, type BudgetMeasure, type BudgetScope } from '../../../contract/governor.ts';
import { NumberField } from '../../components/NumberField.tsx';
import { Section } from '../../components/Section.tsx';
import styles from './Settings.module.css';
import { numberOf, SettingLine } from './SettingsParts.tsx';
import { findSetting, ORIGIN_WORDS } from './settingsRules.ts';
import type { ConfigAccess } from './useConfig.ts';

const EACH: Readonly<Record<BudgetScope, string>> = {
  agent: 'each agent',
  task: 'each task',
  run: 'each run',
  day: 'a day, all together',
};
const MEASURES: Readonly<Record<BudgetMeasure, string>> = {
  usd: 'US dollars',
  turns: 'turns',
  minutes: 'minutes in turns',
};
const SOFT = 'controlRoom.budgets.softFraction';

function CapField({
  view,
  scope,
  measure,
  onKeep,
}: {
  readonly view: ConfigView;
  readonly scope: BudgetScope;
  readonly measure: BudgetMeasure;
  onKeep(key: string, value: number | null): void;
}) {
  const key = `controlRoom.budgets.${scope}.${measure}`;
  const setting = findSetting(view, key);
  const value = numberOf(setting?.value);
  const [typed, setTyped] = useState<number | null>(value);
  const [held, setHeld] = useState(value);
  if (held !== value) {
    setHeld(value);
    setTyped(value);
  }
  return (
    <span title={setting === undefined || setting.from === 'default' ? 'no cap' : ORIGIN_WORDS[setting.from]}>
      <NumberField
        label={`Cap in ${MEASURES[measure]} for ${EACH[scope]}`}
        value={typed}
        min={measure === 'usd' ? 0.01 : 1}
        max={1_000_000}
        decimals={measure === 'usd' ? 2 : 0}
        onChange={setTyped}
        onCommit={(next) => {
          if (next !== value) onKeep(key, next);
        }}
      />
    </span>
  );
}

/** Caps of every agent, task, run and day; an empty field caps nothing. */
export function CapSettings({ view, config }: { readonly view: ConfigView; readonly config: ConfigAccess }) {
  const [error, setError] = useState<string | null>(null);
  const soft = findSetting(view, SOFT);
  const fraction = numberOf(soft?.value) ?? 0.8;
  const keep = async (key: string, value: number | null) => {
    const refused = await config.write([value === null ? { key } : { key, value }]);
    setError(refused?.message ?? null);
  };
  return (
    <Section
      title="Caps"
      text="What reaches a cap gets no further turn and you are asked; a running turn ends by itself. An empty field caps nothing. One agent, task or run is raised on the Costs screen."
    >
      <div role="group" aria-label="Caps" className={styles.capGrid}>
        <span />
        {BUDGET_MEASURES.map((measure) => (
          <span key={measure} className={styles.faint} aria-hidden="true">
            {MEASURES[measure]}
          </span>
        ))}
        {BUDGET_SCOPES.map((scope) => [
          <span key={scope} className={styles.strong} aria-hidden="true">
            {EACH[scope]}
          </span>,
          ...BUDGET_MEASURES.map((measure) => (
            <CapField
              key={`${scope} ${measure}`}
              view={view}
              scope={scope}
              measure={measure}
              onKeep={(key, value) => void keep(key, value)}
            />
          )),
        ])}
      </div>
      {error === null ? null : (
        <p role="alert" className={styles.error}>
          {error}
        </p>
      )}
      <SettingLine label="Warn at" hint="Part of a cap at which you are warned once." setting={soft}>
        {(id, describedBy) => (
          <SoftField
            id={id}
            describedBy={describedBy}
            percent={Math.round(fraction * 100)}
            onKeep={(percent) => void keep(SOFT, percent / 100)}
          />
        )}
      </SettingLine>
    </Section>
  );
}

function SoftField({
  id,
  describedBy,
  percent,
  onKeep,
}: {
  readonly id: string;
  readonly describedBy: string;
  readonly percent: number;
  onKeep(percent: number): void;
}) {
  const [typed, setTyped] = useState<number | null>(percent);
  return (
    <NumberField
      id={id}
      describedBy={describedBy}
      value={typed}
      min={1}
      max={100}
      step={5}
      unit="%"
      onChange={setTyped}
      onCommit={(next) => {
        if (next === null) setTyped(percent);
        else if (next !== percent) onKeep(next);
      }}
    />
  );
}
