import { useMemo } from 'react';
import type { CostOverviewInput } from '../../../contract/costs.ts';
import type { RunView } from '../../../contract/runs.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Select } from '../../components/Field.tsx';
import { Loading } from '../../components/Loading.tsx';
import { clockTime } from '../../stores/format.ts';
import { useClock, useLoaded, useRoom, useStatus, useTopic, useUi } from '../../stores/hooks.ts';
import { stableList } from '../../stores/reuse.ts';
import { useAnswer } from '../../stores/useAnswer.ts';
import { useReplayLook } from '../replay/useReplayLook.ts';
import { BudgetNotes } from './BudgetNotes.tsx';
import { Caps } from './Caps.tsx';
import styles from './Costs.module.css';
import { CostTable } from './CostTable.tsx';
import { fixedPeriods, periodInput } from './periods.ts';
import { Summary } from './Summary.tsx';
import { Supervision } from './Supervision.tsx';

/** Milliseconds between two looks while nothing is known to have changed: the last hour moves on by itself. */
const LOOK_MS = 15_000;

/** Runs, the newest first. */
const selectRuns = stableList((byId: Readonly<Record<string, RunView>>) =>
  Object.values(byId).sort((left, right) => right.startedAt.localeCompare(left.startedAt)),
);

function PeriodChoice() {
  const { ui } = useRoom();
  const period = useUi((state) => state.costPeriod);
  const runs = useTopic('runs', ({ byId }) => selectRuns(byId));
  const now = useClock((time) => Math.floor(time / 60_000) * 60_000);
  const known = fixedPeriods.some(({ value }) => value === period) || runs.some((run) => run.id === period);
  return (
    <Select
      aria-label="Period"
      className={styles.period}
      value={known ? period : 'run'}
      onChange={(event) => ui.setState({ costPeriod: event.target.value })}
      options={[
        ...fixedPeriods,
        ...runs.map((run) => ({
          value: run.id,
          label: `run ${clockTime(run.startedAt, now)}${run.current ? ' (current)' : ''}`,
        })),
      ]}
    />
  );
}

/** Which turns the person looks at; null while it is not known which run is meant. */
function usePeriod(): { readonly question: Omit<CostOverviewInput, 'by'> | null; readonly runId: string | null } {
  const period = useUi((state) => state.costPeriod);
  const current = useStatus((status) => status.runId);
  const known = useTopic('runs', ({ byId }) => byId[period] !== undefined);
  const loaded = useLoaded('status');
  // A new day begins while the room is open.
  const day = useClock((now) => new Date(now).toDateString());
  return useMemo(() => {
    if (!loaded) return { question: null, runId: null };
    return periodInput(known ? { run: period } : { period }, current, new Date(day));
  }, [period, known, current, loaded, day]);
}

/** What everything costs: figures, caps and what they did, sums by agent, task, role, model, runtime and run (product.md B4). */
export function CostsScreen() {
  const by = useUi((state) => state.costBy);
  const { replay } = useRoom();
  const { question, runId } = usePeriod();
  const then = useReplayLook();
  const look = useClock((now) => Math.floor(now / LOOK_MS));
  // A turn that ended has changed this object.
  const governor = useStatus((status) => status.governor);
  const again = useMemo(() => ({ look: then ?? look, governor }), [then, look, governor]);
  const answer = useAnswer('costs.overview', question === null ? null : { ...question, by }, again);
  const report = useAnswer('runs.report', runId === null || replay !== null ? null : { runId }, again);
  const overview = answer.value;
  return (
    <div className={styles.screen}>
      <div className={styles.tools}>
        <h1 className={styles.title}>Costs</h1>
        <PeriodChoice />
      </div>
      <div className={styles.content} aria-busy={answer.stale || undefined} data-stale={answer.stale || undefined}>
        {overview === null ? (
          answer.error === null ? (
            <Loading label="Loading costs" rows={8} />
          ) : (
            <ErrorState title="The costs cannot be read" message={answer.error.message} onRetry={answer.reload} />
          )
        ) : (
          <>
            <Summary overview={overview} report={runId === report.value?.runId ? report.value : null} />
            <div className={styles.panels}>
              <Caps caps={overview.caps} />
              <BudgetNotes notes={overview.notes} />
            </div>
            {overview.groups.length === 0 ? (
              <EmptyState
                title="Nothing spent in this period"
                text="Tokens and dollars appear here as soon as a turn has ended."
              />
            ) : (
              <CostTable overview={overview} by={by} />
            )}
            <Supervision overview={overview} />
          </>
        )}
      </div>
    </div>
  );
}
