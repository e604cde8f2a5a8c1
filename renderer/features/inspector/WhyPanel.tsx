import type { AgentEvidence, SignalName, SignalView, VerdictKind } from '../../../contract/evidence.ts';
import { SIGNALS } from '../../../contract/evidence.ts';
import { Age } from '../../components/Age.tsx';
import { cx } from '../../components/cx.ts';
import { Line } from '../../components/Text.tsx';
import { longDuration } from '../../stores/format.ts';
import { useClock, useTopic } from '../../stores/hooks.ts';
import styles from './WhyPanel.module.css';

const SIGNAL_WORDS: Readonly<Record<SignalName, string>> = {
  process: 'process',
  terminal: 'output',
  events: 'events',
  mail: 'mail sent',
  git: 'worktree',
};

const STATE_WORDS: Readonly<Record<SignalView['state'], string>> = {
  fresh: 'fresh',
  quiet: 'quiet',
  absent: 'nothing to see',
  unknown: 'unknown',
};

/** A state is told by its shape as much as by its colour: full, half, dashed, crossed out. */
function SignalMark({ state }: { readonly state: SignalView['state'] }) {
  return (
    <span className={cx(styles.mark, styles[state])} title={STATE_WORDS[state]}>
      <svg viewBox="0 0 12 12" width="10" height="10" fill="none" stroke="currentColor" aria-hidden="true">
        {state === 'fresh' ? <circle cx="6" cy="6" r="4" fill="currentColor" stroke="none" /> : null}
        {state === 'quiet' ? (
          <>
            <circle cx="6" cy="6" r="4" strokeWidth="1.3" />
            <path d="M6 2a4 4 0 0 0 0 8z" fill="currentColor" stroke="none" />
          </>
        ) : null}
        {state === 'absent' ? <circle cx="6" cy="6" r="4" strokeWidth="1.4" strokeDasharray="1.6 1.54" /> : null}
        {state === 'unknown' ? <path d="m3 3 6 6M9 3 3 9" strokeWidth="1.5" /> : null}
      </svg>
      <span className="visually-hidden">{STATE_WORDS[state]}</span>
    </span>
  );
}

function SignalRow({ name, signal }: { readonly name: SignalName; readonly signal: SignalView }) {
  return (
    <tr className={styles.row}>
      <td className={styles.markCell}>
        <SignalMark state={signal.state} />
      </td>
      <th scope="row" className={styles.name}>
        {SIGNAL_WORDS[name]}
      </th>
      <td className={styles.detail}>
        <Line text={signal.detail} title />
      </td>
      <td className={styles.age}>{signal.at === null ? '–' : <Age at={signal.at} />}</td>
    </tr>
  );
}

/** What the watchdog does next, and when; a rule in shadow only records it. */
function Next({ next }: { readonly next: NonNullable<AgentEvidence['next']> }) {
  const at = next.at === null ? null : Date.parse(next.at);
  const wait = useClock((now) => (at === null || at <= now ? 0 : Math.ceil((at - now) / 1_000)));
  return (
    <p className={styles.next}>
      <span className={styles.faint}>next</span> {next.action}
      {wait > 0 ? (
        <>
          {' in '}
          <span className={styles.when}>{longDuration(wait * 1_000)}</span>
        </>
      ) : null}
      {next.mode === 'shadow' ? <span className={styles.faint}> (in shadow: only recorded)</span> : null}
      {next.mode === 'off' ? <span className={styles.faint}> (switched off: nothing is done)</span> : null}
    </p>
  );
}

/** Verdicts under which silence is what one expects: a quiet signal then calls for nobody's eye. */
const CALM: ReadonlySet<VerdictKind> = new Set(['waiting', 'done', 'dead']);

const TONES: Readonly<Record<VerdictKind, string | undefined>> = {
  healthy: styles.healthy,
  waiting: undefined,
  stalled: styles.trouble,
  looping: styles.trouble,
  dead: styles.deadVerdict,
  done: styles.healthy,
  unknown: undefined,
};

/** The evidence behind an agent's state (product.md B1): verdict, why, five signals with their ages, what comes next. */
export function WhyPanel({ agentName }: { readonly agentName: string }) {
  const evidence = useTopic('evidence', ({ byId }) => byId[agentName]);
  if (evidence === undefined) return null;
  return (
    <section className={styles.panel} aria-label="Evidence">
      <div className={cx(styles.verdict, TONES[evidence.verdict])}>
        <b>{evidence.verdict}</b> — <Line text={evidence.reason} title />
        {evidence.level === null ? null : <span className={styles.level}>level {evidence.level} of 3</span>}
      </div>
      <table
        className={cx(styles.signals, CALM.has(evidence.verdict) && styles.calm)}
        aria-label="Signals and how long ago each last changed"
      >
        <tbody>
          {SIGNALS.map((name) => (
            <SignalRow key={name} name={name} signal={evidence.signals[name]} />
          ))}
        </tbody>
      </table>
      {evidence.next === null ? null : <Next next={evidence.next} />}
    </section>
  );
}
