import type { ReactNode } from 'react';
import { money } from '../../../contract/amounts.ts';
import type { CostOverview } from '../../../contract/costs.ts';
import type { RunReport } from '../../../contract/runReport.ts';
import { counted } from '../../stores/format.ts';
import styles from './Costs.module.css';
import { cacheOf, missingWords, shortCount, sourceWords } from './costRules.ts';
import { SpendingChart } from './SpendingChart.tsx';

function Figure({
  label,
  value,
  title,
  children,
}: {
  readonly label: string;
  readonly value: string;
  readonly title?: string;
  readonly children: ReactNode;
}) {
  return (
    <div className={styles.figure}>
      <dt>{label}</dt>
      <dd>
        <span className={styles.big} title={title}>
          {value}
        </span>
        <span className={styles.under}>{children}</span>
      </dd>
    </div>
  );
}

/** The figures of the period at a glance, and the last hour of the project. */
export function Summary({ overview, report }: { readonly overview: CostOverview; readonly report: RunReport | null }) {
  const { totals, burnUsdPerMinute: burn } = overview;
  const missing = missingWords(totals);
  const hour = overview.lastHour.reduce((sum, usd) => sum + usd, 0);
  const perLine = report?.money.usdPerMergedLine ?? null;
  return (
    <div className={styles.summary}>
      <dl className={styles.figures}>
        <Figure label="spent" value={money(totals.usd, totals.estimatedUsd > 0)}>
          {sourceWords(totals)}
          {missing === null ? null : <span className={styles.missing}>{missing}</span>}
        </Figure>
        <Figure
          label="tokens"
          value={shortCount(totals.inputTokens + totals.outputTokens)}
          title={`${totals.inputTokens.toLocaleString('en')} in, ${totals.outputTokens.toLocaleString('en')} out, ${cacheOf(totals).toLocaleString('en')} from the cache`}
        >
          {shortCount(totals.inputTokens)} in, {shortCount(totals.outputTokens)} out, {shortCount(cacheOf(totals))}{' '}
          cached
        </Figure>
        <Figure label="turns" value={totals.turns.toLocaleString('en')}>
          {counted(totals.agents, 'agent')}
          {totals.runningTurns === 0 ? '' : `, ${totals.runningTurns} running`}
        </Figure>
        {report === null ? null : (
          <Figure label="a merged line" value={perLine === null ? '–' : linePrice(perLine, report.money.estimated)}>
            {report.merges.lines === null
              ? 'git cannot say how many'
              : report.merges.lines === 0
                ? 'no line merged yet'
                : `${counted(report.merges.lines, 'line')} merged`}
          </Figure>
        )}
      </dl>
      <div className={styles.hour}>
        <div className={styles.hourWords}>
          <span>
            <span className={styles.strong}>{burn === null ? 'nothing' : `${money(burn)} a minute`}</span> over the last
            10 min
          </span>
          <span>
            <span className={styles.strong}>{money(hour)}</span> in the last hour, all agents
          </span>
        </div>
        <SpendingChart overview={overview} />
      </div>
    </div>
  );
}

/** A line costs fractions of a cent: two figures that count. */
function linePrice(usd: number, estimated: boolean): string {
  const amount = usd >= 0.1 ? usd.toFixed(2) : usd === 0 ? '0' : Number(usd.toPrecision(2)).toString();
  return `${estimated ? '~' : ''}$${amount}`;
}
