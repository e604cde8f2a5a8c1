import { memo, type ReactNode } from 'react';
import { DRILL_KINDS, type DrillKind, type DrillStep, type DrillView } from '../../../contract/drills.ts';
import { Age } from '../../components/Age.tsx';
import { Badge } from '../../components/Badge.tsx';
import { Button } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { Glyph } from '../../components/Glyph.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Section } from '../../components/Section.tsx';
import { Line } from '../../components/Text.tsx';
import { useLoaded, useRoom, useStatus, useTopic } from '../../stores/hooks.ts';
import styles from './Health.module.css';
import { DRILL_STATES, DRILL_TITLES, STEP_MARKS } from './healthWords.ts';

/** "+2.4 s" after the fault; nothing while it is waited for. */
function afterWords(step: DrillStep): string {
  return step.afterMs === null ? '' : `+${(step.afterMs / 1_000).toFixed(1)} s`;
}

const Steps = memo(function Steps({
  steps,
  running,
}: {
  readonly steps: readonly DrillStep[];
  readonly running: boolean;
}) {
  const next = running ? steps.findIndex(({ state }) => state === 'waiting') : -1;
  return (
    <ol className={styles.steps}>
      {steps.map((step, index) => {
        const mark = STEP_MARKS[step.state];
        return (
          <li key={step.expected} className={cx(styles.step, index === next && styles.nextStep)}>
            <span className={cx(styles.mark, styles[step.state])} title={mark.word}>
              <Glyph shape={index === next ? 'running' : mark.glyph} words={mark.word} />
            </span>
            <div className={styles.words}>
              <span>{step.expected}</span>
              {step.seen === '' ? null : (
                <span className={cx(styles.hint, step.state === 'missed' && styles.fail)}>
                  <Line text={step.seen} />
                </span>
              )}
            </div>
            <span className={styles.after}>{afterWords(step)}</span>
          </li>
        );
      })}
    </ol>
  );
});

function StateBadge({ state }: { readonly state: DrillView['state'] }) {
  const { word, tone, glyph } = DRILL_STATES[state];
  return (
    <Badge tone={tone}>
      <Glyph shape={glyph} />
      <span>{word}</span>
    </Badge>
  );
}

function Evidence({ drill }: { readonly drill: DrillView }) {
  if (drill.evidence.length === 0) return null;
  return (
    <details className={styles.evidence}>
      <summary className={styles.evidenceTitle}>What was written meanwhile ({drill.evidence.length})</summary>
      <ul>
        {drill.evidence.map(({ at, text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines only come at the end, and two may be alike.
          <li key={index} className={styles.evidenceLine}>
            <time className={styles.evidenceTime} dateTime={at}>
              {at.slice(11, 19)}
            </time>{' '}
            <Line text={text} title />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Held({ drill, actions }: { readonly drill: DrillView; readonly actions?: ReactNode }) {
  const running = drill.endedAt === null;
  return (
    <article className={styles.drill} aria-label={`Drill: ${DRILL_TITLES[drill.kind].title}`}>
      <header className={styles.drillHead}>
        <h3 className={styles.drillTitle}>{DRILL_TITLES[drill.kind].title}</h3>
        <StateBadge state={drill.state} />
        <span className={styles.gap} />
        <span className={styles.faint}>
          <Age at={drill.startedAt} /> ago
        </span>
        {actions}
      </header>
      {drill.result === null || drill.state === 'passed' ? null : (
        <p className={cx(drill.state === 'failed' && styles.fail)}>
          <Line text={drill.result} />
        </p>
      )}
      <Steps steps={drill.steps} running={running} />
      {drill.state === 'passed' ? <p className={styles.hint}>{drill.result}</p> : null}
      <Evidence drill={drill} />
    </article>
  );
}

function Kind({ kind, disabled }: { readonly kind: DrillKind; readonly disabled: boolean }) {
  const room = useRoom();
  const { title, text } = DRILL_TITLES[kind];
  const last = useTopic('drills', ({ value }) => value?.results.find((one) => one.kind === kind)?.state ?? null);
  return (
    <li className={styles.kind}>
      <div className={styles.words}>
        <span className={styles.ruleTitle}>{title}</span>
        <span className={styles.hint}>{text}</span>
      </div>
      {last === null ? null : <StateBadge state={last} />}
      <Button
        small
        disabled={disabled}
        aria-label={`Start the drill: ${title}`}
        onClick={() => room.actions.run(`drill.${kind}`, room)}
      >
        Start
      </Button>
    </li>
  );
}

/** Faults put into an agent of a sandbox, and the recovery watched step by step (product.md B11). */
export function DrillsTab() {
  const room = useRoom();
  const loaded = useLoaded('drills');
  const current = useTopic('drills', ({ value }) => value?.current ?? null);
  const results = useTopic('drills', ({ value }) => value?.results ?? null);
  const paused = useStatus((status) => status.paused) === true;
  if (!loaded) return <Loading label="Loading drills" rows={6} />;
  return (
    <div className={styles.scroll}>
      {current === null ? null : (
        <Section title="Now">
          <Held
            drill={current}
            actions={
              <Button small onClick={() => room.actions.run('drill.cancel', room)}>
                Cancel
              </Button>
            }
          />
        </Section>
      )}
      <Section
        title="Drills"
        text="Each plays in a sandbox: a project, engine and agent of its own below .overstory, which are gone afterwards. Your agents, costs and reports never see it; your watchdog's rules hold in it."
      >
        <ul className={styles.list}>
          {DRILL_KINDS.map((kind) => (
            <Kind key={kind} kind={kind} disabled={current !== null || paused} />
          ))}
        </ul>
        {paused ? <p className={styles.hint}>The fleet is paused: nothing starts, drills neither.</p> : null}
      </Section>
      {results === null || results.length === 0 ? null : (
        <Section title="Results" count={results.length}>
          {results.map((drill) => (
            <Held key={drill.id} drill={drill} />
          ))}
        </Section>
      )}
    </div>
  );
}
