import { BUDGET_MEASURES, type BudgetMeasure, type BudgetScope } from '../../../contract/governor.ts';
import type { Budgets, Caps } from '../governor/budgets.ts';
import type { SettingsReader } from './settingsReader.ts';

const UNITS: Readonly<Record<BudgetMeasure, string>> = { usd: 'US dollars', turns: 'turns', minutes: 'minutes' };

/** Reads `controlRoom.budgets`: caps in dollars, turns and minutes; one that is left out caps nothing. */
export function readBudgets(reader: SettingsReader, defaults: Budgets): Budgets {
  const caps = (scope: BudgetScope): Caps => {
    const found: Partial<Record<BudgetMeasure, number>> = {};
    for (const measure of BUDGET_MEASURES) {
      const key = `controlRoom.budgets.${scope}.${measure}`;
      if (reader.raw(key) === undefined || reader.raw(key) === null) continue;
      const value = reader.number(key, 0, { above: 0, unit: UNITS[measure], integer: measure === 'turns' });
      if (value > 0) found[measure] = value;
    }
    return found;
  };
  return {
    softFraction: reader.number('controlRoom.budgets.softFraction', defaults.softFraction, { above: 0, max: 1 }),
    agent: caps('agent'),
    task: caps('task'),
    run: caps('run'),
    day: caps('day'),
  };
}
