import { useState } from 'react';
import type { MergeDetail, MergeTraceStep } from '../../../contract/mergeDetail.ts';
import type { MergeView } from '../../../contract/merges.ts';
import { Badge } from '../../components/Badge.tsx';
import { cx } from '../../components/cx.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Scroll } from '../../components/Scroll.tsx';
import { Body, Line } from '../../components/Text.tsx';
import { useFreshAnswer } from '../../stores/useAnswer.ts';
import styles from './MergeDetail.module.css';
import { shortTime } from './MergeSteps.tsx';

type GateStep = Extract<MergeTraceStep, { kind: 'gate' }>;

function isGate(step: MergeTraceStep): step is GateStep {
  return step.kind === 'gate';
}

/** Checks that ran on the merged files, and what the chosen one printed. */
export function GateViews({ merge, detail }: { readonly merge: MergeView; readonly detail: MergeDetail }) {
  const gates = (detail.trace?.steps ?? []).filter(isGate);
  const failed = gates.findIndex((gate) => gate.outcome !== 'passed');
  const [picked, setPicked] = useState<number | null>(null);
  const index = Math.min(picked ?? (failed < 0 ? 0 : failed), gates.length - 1);
  const log = useFreshAnswer('merges.gateLog', gates.length === 0 ? null : { id: merge.id, gate: index }, detail.trace);
  if (gates.length === 0)
    return (
      <EmptyState
        title="No check has run"
        text="The quality gates of the project run on the merged files before the target moves. Name them under project.qualityGates in .overstory/config.yaml."
      />
    );
  return (
    <div className={styles.gates}>
      <ul className={styles.gateList} aria-label="Checks">
        {gates.map((gate, at) => (
          <li key={`${gate.at} ${gate.name}`}>
            <button
              type="button"
              className={cx(styles.gate, at === index && styles.gateChosen)}
              aria-pressed={at === index}
              onClick={() => setPicked(at)}
            >
              <Badge tone={gate.outcome === 'passed' ? 'good' : 'danger'}>
                {gate.outcome === 'timedOut' ? 'timed out' : gate.outcome}
              </Badge>
              <Line text={gate.name} title />
              <span className={styles.time}>{shortTime(gate.ms)}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className={styles.command}>
        <Line text={gates[index]?.command ?? ''} className={styles.mono} title />
      </p>
      {log.value !== null ? (
        <Scroll label="Output of the check" className={styles.output}>
          {log.value.skipped > 0 ? `(${Math.ceil(log.value.skipped / 1024)} KiB before this are left out)\n` : null}
          <Body text={log.value.text === '' ? '(it printed nothing)' : log.value.text} />
        </Scroll>
      ) : log.problem !== null ? (
        <ErrorState title="The output cannot be shown" message={log.problem} onRetry={log.again} />
      ) : (
        <Loading label="Loading the output" rows={8} rowHeight={18} />
      )}
    </div>
  );
}
