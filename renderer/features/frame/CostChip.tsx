import { capWords, SCOPE_WORDS } from '../../../contract/capWords.ts';
import type { CapView, GovernorView } from '../../../contract/governor.ts';
import { cx } from '../../components/cx.ts';
import { Fact, Facts } from '../../components/Facts.tsx';
import { Popover } from '../../components/Popover.tsx';
import { Line } from '../../components/Text.tsx';
import { clockTime, counted, dollars, longDuration } from '../../stores/format.ts';
import { useClock, useStatus } from '../../stores/hooks.ts';
import styles from './CostChip.module.css';
import strip from './TopStrip.module.css';

/** How much of a cap is used, as a line under its words, which say the same. */
function Meter({ cap }: { readonly cap: CapView }) {
  return (
    <span className={cx(styles.meter, styles[cap.level])} aria-hidden="true">
      <span style={{ width: `${Math.min(100, Math.round((cap.used / cap.limit) * 100))}%` }} />
    </span>
  );
}

function CapFact({ cap }: { readonly cap: CapView }) {
  return (
    <Fact label={SCOPE_WORDS[cap.scope]}>
      <span className={styles.cap}>
        <span>
          {capWords(cap)}
          {cap.level === 'over' ? ' · reached' : ''}
          {cap.minutesLeft === null ? '' : ` · ${longDuration(Math.max(1, Math.round(cap.minutesLeft)) * 60_000)} left`}
        </span>
        {cap.scope === 'agent' || cap.scope === 'task' ? <Line text={cap.id} className={strip.soft} title /> : null}
        <Meter cap={cap} />
      </span>
    </Fact>
  );
}

function Waits({ governor }: { readonly governor: GovernorView }) {
  const times = useClock((now) => governor.breakers.map(({ until }) => clockTime(until, now)).join('|')).split('|');
  // A cap that is reached says so in its own row.
  const pauses = governor.pauses.filter(
    ({ scope, id, by }) =>
      by === 'operator' || !governor.caps.some((cap) => cap.scope === scope && cap.id === id && cap.level === 'over'),
  );
  return (
    <>
      {pauses.map((pause) => (
        <Fact key={`${pause.scope} ${pause.id} ${pause.by}`} label="paused">
          <Line text={pause.reason} title />
        </Fact>
      ))}
      {governor.breakers.map((breaker, index) => (
        <Fact key={breaker.runtime} label={breaker.runtime}>
          <Line
            text={
              breaker.state === 'probing' ? 'used up; one agent tries again' : `used up until ${times[index] ?? ''}`
            }
            title
          />
        </Fact>
      ))}
    </>
  );
}

/** The cap to speak of: one that is reached, else one that is near; the run's own before others, since its figures stand there. */
function pressing(caps: readonly CapView[]): CapView | null {
  for (const level of ['over', 'soft'] as const) {
    const found = caps.filter((cap) => cap.level === level);
    const [first] = found;
    if (first !== undefined) return found.find((cap) => cap.scope === 'run') ?? first;
  }
  return null;
}

/** "cap reached" beside the figures of the run; of anything else it says whose cap. */
function chipWords({ scope, level }: CapView): string {
  const words = level === 'over' ? 'cap reached' : 'cap near';
  return scope === 'run' ? words : `${scope} ${words}`;
}

/** Spend of the run against its cap; the panel says how fast it goes, what is capped and what waits. */
export function CostChip() {
  const spend = useStatus((status) => status.spendUsd);
  const governor = useStatus((status) => status.governor);
  if (governor === null) return null;
  const runCap = governor.caps.find((cap) => cap.scope === 'run' && cap.measure === 'usd');
  const first = pressing(governor.caps);
  const { burnUsdPerMinute: burn } = governor;
  const figure = `${governor.estimated ? '~' : ''}${dollars(spend)}`;
  return (
    <Popover
      label="Costs"
      trigger={
        <button
          type="button"
          className={cx(
            strip.pill,
            strip.whole,
            first?.level === 'over' && strip.attention,
            first?.level === 'soft' && styles.near,
          )}
          title="Spend of the run in US dollars"
        >
          <span className={strip.soft}>$</span>
          <span className={strip.strong}>{figure}</span>
          {runCap === undefined ? null : <span className={strip.soft}>of {dollars(runCap.limit)}</span>}
          {burn === null ? null : <span className={cx(strip.soft, styles.burn)}>· {dollars(burn)}/min</span>}
          {first === null ? null : <span>{chipWords(first)}</span>}
        </button>
      }
    >
      <Facts>
        <Fact label="spent">
          {governor.estimated ? '~' : ''}${dollars(spend)}
          {governor.estimated ? ' (estimated in part)' : ''}
        </Fact>
        <Fact label="burn rate">{burn === null ? 'nothing in the last 10 min' : `$${dollars(burn)} a minute`}</Fact>
        {governor.unpricedTurns === 0 ? null : (
          <Fact label="not counted">{counted(governor.unpricedTurns, 'turn')} of unknown price</Fact>
        )}
        {governor.caps.map((cap) => (
          <CapFact key={`${cap.scope} ${cap.id} ${cap.measure}`} cap={cap} />
        ))}
        <Waits governor={governor} />
      </Facts>
      {governor.caps.length > 0 ? null : (
        <p className={styles.hint}>No caps are set: controlRoom.budgets in .overstory/config.yaml sets them.</p>
      )}
    </Popover>
  );
}
