import { Check, Minus, Play, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { MergeDetail, MergeTraceStep, ModelUse } from '../../../contract/mergeDetail.ts';
import type { MergeView } from '../../../contract/merges.ts';
import { Badge } from '../../components/Badge.tsx';
import { cx } from '../../components/cx.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Scroll } from '../../components/Scroll.tsx';
import { Line } from '../../components/Text.tsx';
import { counted, dollars } from '../../stores/format.ts';
import styles from './MergeDetail.module.css';
import { mergeState, progressWords, TIER_MEANING, TIER_WORDS } from './mergeRules.ts';

/** Files named in one step. */
const NAMED = 12;

/** Time a step took: "40 ms", "2.4 s", "3 min". */
export function shortTime(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}

/** What the model was asked, and what that may have cost. */
function ModelLine({ use }: { readonly use: ModelUse }) {
  const thousands = (tokens: number): string => (tokens >= 1_000 ? `${(tokens / 1_000).toFixed(1)}k` : String(tokens));
  return (
    <p className={styles.quiet}>
      {use.model === null ? 'model' : <Line text={use.model} />}: {counted(use.asked, 'question')}
      {use.failed > 0 ? `, ${use.failed} without an answer` : null} · about {thousands(use.tokensIn)} tokens in,{' '}
      {thousands(use.tokensOut)} out · {use.usd === null ? 'cost not known' : `about $${dollars(use.usd)}`} ·{' '}
      {shortTime(use.ms)}
    </p>
  );
}

type Tone = 'good' | 'bad' | 'plain' | 'now';

const TONE_ICONS = { good: Check, bad: X, plain: Minus, now: Play } as const;

function Step({
  tone,
  title,
  note,
  ms,
  children,
}: {
  readonly tone: Tone;
  readonly title: ReactNode;
  readonly note?: ReactNode;
  readonly ms: number | null;
  readonly children?: ReactNode;
}) {
  const Icon = TONE_ICONS[tone];
  return (
    <li className={styles.step}>
      <span className={cx(styles.stepMark, styles[tone])}>
        <Icon size={13} fill={tone === 'now' ? 'currentColor' : 'none'} aria-hidden="true" />
      </span>
      <div className={styles.stepMain}>
        <p className={styles.stepHead}>
          <b>{title}</b>
          {note === undefined ? null : <span className={styles.quiet}>{note}</span>}
          <span className={styles.time}>{ms === null ? '' : shortTime(ms)}</span>
        </p>
        {children}
      </div>
    </li>
  );
}

function stepKey(step: MergeTraceStep, index: number): string {
  return `${index} ${step.kind}`;
}

function TraceStep({ step }: { readonly step: MergeTraceStep }) {
  switch (step.kind) {
    case 'tier': {
      const done = step.left.length === 0;
      const resolved = step.resolved.length === 0 ? '' : `${counted(step.resolved.length, 'file')} resolved`;
      const left = done ? '' : `${counted(step.left.length, 'file')} left`;
      const note = [resolved, left].filter((part) => part !== '').join(', ');
      return (
        <Step
          tone={done ? 'good' : step.resolved.length > 0 ? 'plain' : 'bad'}
          title={TIER_WORDS[step.tier]}
          note={note === '' ? 'no conflict' : note}
          ms={step.ms}
        >
          <p className={styles.quiet}>{TIER_MEANING[step.tier]}</p>
          {step.model === null ? null : <ModelLine use={step.model} />}
          <ul className={styles.reasons}>
            {step.resolved.slice(0, NAMED).map((path) => (
              <li key={path}>
                <Line text={path} className={styles.mono} title /> <span className={styles.good}>resolved</span>
              </li>
            ))}
            {step.left.slice(0, NAMED).map(({ path, reason }) => (
              <li key={path}>
                <Line text={path} className={styles.mono} title />{' '}
                <span className={styles.quiet}>
                  <Line text={step.tier === 'clean-merge' ? `conflict: ${reason}` : reason} title />
                </span>
              </li>
            ))}
          </ul>
        </Step>
      );
    }
    case 'audit': {
      const { counts, hunks } = step.audit;
      const all = hunks.target + hunks.branch;
      return (
        <Step
          tone={step.audit.ok ? 'good' : 'bad'}
          title="loss audit"
          note={step.audit.ok ? `nothing lost in ${counted(all, 'hunk')}` : `${counted(counts.lost, 'change')} lost`}
          ms={step.ms}
        >
          <p className={styles.quiet}>
            {hunks.present} of {all} hunks kept as made · {counts.superseded} superseded by another line ·{' '}
            {counts.dropped} dropped by decision · {counts.lost} lost
          </p>
        </Step>
      );
    }
    case 'gate':
      return (
        <Step
          tone={step.outcome === 'passed' ? 'good' : 'bad'}
          title={
            <>
              check: <Line text={step.name} />
            </>
          }
          note={GATE_WORDS[step.outcome]}
          ms={step.ms}
        >
          <p className={styles.quiet}>
            <Line text={step.command} className={styles.mono} title />
          </p>
        </Step>
      );
  }
}

const GATE_WORDS = {
  passed: 'passed',
  failed: 'failed',
  timedOut: 'did not end in time',
  cancelled: 'cancelled',
} as const;

/** What the last attempt did, in its order, and how it ended. */
export function MergeSteps({ merge, detail }: { readonly merge: MergeView; readonly detail: MergeDetail }) {
  const steps = detail.trace?.steps ?? [];
  const state = mergeState(merge);
  return (
    <Scroll label="What happened" className={styles.scroll}>
      {detail.prediction === null || state === 'conflict' || state === 'failed' ? null : (
        <div className={styles.prediction}>
          <Badge tone={detail.prediction.wouldRequireAgent ? 'warning' : 'good'}>
            predicted: {TIER_WORDS[detail.prediction.predictedTier]}
          </Badge>
          <Line text={detail.prediction.reason} className={styles.quiet} />
        </div>
      )}
      {steps.length === 0 ? (
        state === 'waiting' ? (
          <p className={styles.quiet}>It was not tried yet.</p>
        ) : (
          <EmptyState title="Nothing is known of the attempt" text="It was merged by another tool, or long ago." />
        )
      ) : (
        <ol className={styles.steps}>
          {steps.map((step, index) => (
            <TraceStep key={stepKey(step, index)} step={step} />
          ))}
          {merge.progress === undefined ? null : (
            <Step tone="now" title={progressWords(merge.progress)} note="now" ms={null} />
          )}
          {state === 'merged' ? (
            <Step tone="good" title={<>merged into {<Line text={merge.target ?? 'the target'} />}</>} ms={null} />
          ) : null}
        </ol>
      )}
      {merge.warnings.length === 0 ? null : (
        <section className={styles.warnings} aria-label="Remarks">
          <h3 className={styles.heading}>Remarks</h3>
          <ul>
            {merge.warnings.map((warning) => (
              <li key={warning}>
                <Line text={warning} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </Scroll>
  );
}
