import { money } from '../../../contract/amounts.ts';
import type { CostOverview } from '../../../contract/costs.ts';
import { useInReplay } from '../../components/Button.tsx';
import styles from './Costs.module.css';
import { hourWords } from './costRules.ts';

/** Units of the drawing; it is stretched to the width there is. */
const BAR = 10;
const GAP = 2;
const HEIGHT = 56;
/** Minutes a row of the table for screen readers stands for. */
const STEP = 10;

/** Dollars by the minute over the last hour, oldest first; the same figures in words and as a table for screen readers. */
export function SpendingChart({ overview }: { readonly overview: Pick<CostOverview, 'lastHour'> }) {
  const { lastHour } = overview;
  const past = useInReplay();
  const most = Math.max(...lastHour, 0.01);
  const width = lastHour.length * (BAR + GAP) - GAP;
  return (
    <div className={styles.chart}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={hourWords(overview)}>
        {lastHour.map((usd, index) => {
          const height = usd === 0 ? 1 : Math.max(2, (usd / most) * HEIGHT);
          const ago = lastHour.length - 1 - index;
          return (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place in the hour and nothing else.
              key={index}
              x={index * (BAR + GAP)}
              y={HEIGHT - height}
              width={BAR}
              height={height}
              className={usd === 0 ? styles.noBar : styles.bar}
            >
              <title>{`${ago === 0 ? 'this minute' : `${ago} min ago`}: ${money(usd)}`}</title>
            </rect>
          );
        })}
      </svg>
      <div className={styles.axis} aria-hidden="true">
        <span>60 min ago</span>
        <span>most {money(Math.max(...lastHour, 0))} a minute</span>
        <span>{past ? 'then' : 'now'}</span>
      </div>
      <table className="visually-hidden">
        <caption>Spending of the last hour</caption>
        <tbody>
          {Array.from({ length: Math.ceil(lastHour.length / STEP) }, (_, step) => {
            const from = lastHour.length - step * STEP;
            const usd = lastHour.slice(Math.max(0, from - STEP), from).reduce((sum, amount) => sum + amount, 0);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its stretch of the hour.
              <tr key={step}>
                <th scope="row">{`${step * STEP} to ${(step + 1) * STEP} minutes ago`}</th>
                <td>{money(usd)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
