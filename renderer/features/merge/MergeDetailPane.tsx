import type { MergeDetail } from '../../../contract/mergeDetail.ts';
import { MERGE_TIERS, type MergeView } from '../../../contract/merges.ts';
import { Age } from '../../components/Age.tsx';
import { Button } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { Line } from '../../components/Text.tsx';
import { useRoom, useTopic } from '../../stores/hooks.ts';
import { useFreshAnswer } from '../../stores/useAnswer.ts';
import { OnlyLive } from '../replay/NothingThen.tsx';
import { AuditView } from './AuditView.tsx';
import { CommitFacts } from './CommitFacts.tsx';
import { ConflictBrowser } from './ConflictBrowser.tsx';
import { GateViews } from './GateViews.tsx';
import styles from './MergeDetail.module.css';
import { MergeMark } from './MergeMark.tsx';
import { MergeSteps } from './MergeSteps.tsx';
import { acceptVerb, canMerge, mergeVerb } from './mergeActions.tsx';
import { mergeName, mergeState, reasonOf, TIER_MEANING, TIER_WORDS, tiersEntered } from './mergeRules.ts';
import { type DetailPart, mergeStore, useMergeScreen } from './mergeStore.ts';

/** The four tiers in a row: which were entered, and which one it stands at. */
function TierTrack({ merge }: { readonly merge: MergeView }) {
  const entered = tiersEntered(merge);
  const state = mergeState(merge);
  return (
    <ol className={styles.track} aria-label="Merge tiers">
      {MERGE_TIERS.map((tier) => {
        const last = entered.at(-1) === tier;
        const word = !entered.includes(tier) ? 'not entered' : !last ? 'passed on' : state;
        return (
          <li
            key={tier}
            className={cx(styles.tier, entered.includes(tier) && styles.entered, last && styles[state])}
            title={TIER_MEANING[tier]}
          >
            {last ? <MergeMark state={state} /> : <span className={styles.tierDot} aria-hidden="true" />}
            <span>{TIER_WORDS[tier]}</span>
            {last ? null : <span className="visually-hidden">{word}</span>}
          </li>
        );
      })}
    </ol>
  );
}

function Head({ merge, detail }: { readonly merge: MergeView; readonly detail: MergeDetail | null }) {
  const room = useRoom();
  const run = (id: string) => () => void room.actions.run(id, room);
  const state = mergeState(merge);
  const byAgent = merge.agentName !== 'unknown';
  const stale = detail?.stale ?? false;
  return (
    <header className={styles.head}>
      <div className={styles.titleLine}>
        <h2 className={styles.title}>
          <Line text={mergeName(merge)} title />
          <span className={styles.arrow}>into</span>
          <Line text={merge.target ?? detail?.conflicts.ours ?? 'the target'} title />
        </h2>
        <span className={cx(styles.state, state === 'held' && styles.stateWanted)}>
          <MergeMark state={state} word />
        </span>
      </div>
      <p className={styles.facts}>
        {merge.taskId === 'unknown' ? null : <Line text={merge.taskId} className={styles.mono} />}
        <Line text={merge.branchName} className={styles.mono} title />
        <span>
          queued <Age at={merge.enqueuedAt} /> ago
        </span>
      </p>
      {merge.errorMessage === null || state === 'merging' || state === 'merged' ? null : (
        <p className={cx(styles.reason, state === 'held' && styles.wanted)}>
          <Line text={reasonOf(merge)} />
        </p>
      )}
      {stale ? (
        <p className={styles.reason}>
          Target or branch has moved since: it would be another merge now, so it cannot be accepted. Merge again.
        </p>
      ) : null}
      <div className={styles.actions}>
        {merge.hold === undefined ? null : (
          <Button small tone="primary" disabled={stale} live onClick={run('merge.accept')}>
            {acceptVerb(merge)}
          </Button>
        )}
        {canMerge(merge) ? (
          <Button
            small
            tone={merge.hold === undefined && state !== 'waiting' ? 'primary' : 'plain'}
            live
            onClick={run('merge.now')}
          >
            {mergeVerb(merge)}
          </Button>
        ) : null}
        {state === 'merging' ? (
          <Button small tone="danger" live onClick={run('merge.cancel')}>
            Cancel
          </Button>
        ) : null}
        {byAgent ? (
          <>
            <Button small live onClick={run('merge.review')}>
              Review changes
            </Button>
            <Button small onClick={run('merge.thread')}>
              Open mail
            </Button>
          </>
        ) : null}
        {detail?.worktree == null ? null : (
          <Button small live onClick={run('merge.copyWorktree')}>
            Copy worktree path
          </Button>
        )}
        {canMerge(merge) ? (
          <Button small live onClick={run('merge.skip')}>
            Take out…
          </Button>
        ) : null}
      </div>
      <TierTrack merge={merge} />
    </header>
  );
}

/** The audit that counts: of the hold, or the newest of the attempt. */
function auditOf(merge: MergeView, detail: MergeDetail) {
  const audits = detail.trace?.steps.flatMap((step) => (step.kind === 'audit' ? [step.audit] : [])) ?? [];
  return merge.hold?.audit ?? audits.at(-1) ?? null;
}

function Parts({
  merge,
  detail,
  version,
}: {
  readonly merge: MergeView;
  readonly detail: MergeDetail;
  readonly version: string;
}) {
  const room = useRoom();
  const part = useMergeScreen((state) => state.detail);
  const audit = auditOf(merge, detail);
  const gates = detail.trace?.steps.filter((step) => step.kind === 'gate').length ?? 0;
  const open = audit === null ? 0 : audit.counts.lost + audit.counts.dropped + audit.counts.superseded;
  return (
    <Tabs<DetailPart>
      label="Parts of the merge"
      value={part}
      onChange={(next) => mergeStore(room).setState({ detail: next })}
      tabs={[
        { id: 'steps', title: 'What happened' },
        { id: 'conflicts', title: 'Conflicts', extra: String(detail.conflicts.count) },
        { id: 'audit', title: 'Loss audit', ...(audit === null ? {} : { extra: String(open) }) },
        { id: 'checks', title: 'Checks', ...(gates === 0 ? {} : { extra: String(gates) }) },
        { id: 'commit', title: 'Commit' },
      ]}
    >
      {part === 'steps' ? <MergeSteps merge={merge} detail={detail} /> : null}
      {part === 'conflicts' ? (
        detail.problem !== null ? (
          <EmptyState title="Conflicts cannot be shown" text={<Line text={detail.problem} />} />
        ) : (
          <ConflictBrowser list={detail.conflicts} source={{ kind: 'merge', id: merge.id }} version={version} />
        )
      ) : null}
      {part === 'audit' ? (
        <AuditView audit={audit} target={merge.target ?? detail.conflicts.ours} branch={merge.branchName} />
      ) : null}
      {part === 'checks' ? <GateViews merge={merge} detail={detail} /> : null}
      {part === 'commit' ? <CommitFacts merge={merge} detail={detail} /> : null}
    </Tabs>
  );
}

/** One entry of the queue: how it stands, what can be done, and everything that is known of its last attempt. */
export function MergeDetailPane({ id }: { readonly id: string }) {
  const merge = useTopic('merges', ({ byId }) => byId[id]);
  // Each step of a running merge changes its row; nothing else does.
  const version =
    merge === undefined ? '' : `${merge.status} ${merge.finishedAt} ${merge.progress?.since} ${merge.progress?.stage}`;
  const answer = useFreshAnswer('merges.detail', merge === undefined ? null : { id: merge.id }, version);
  if (merge === undefined) return <EmptyState title="Nothing is chosen" text="Choose an entry of the queue." />;
  return (
    <section className={styles.pane} aria-label="Merge">
      <Head merge={merge} detail={answer.value} />
      {answer.value !== null ? (
        <Parts key={id} merge={merge} detail={answer.value} version={version} />
      ) : answer.problem !== null ? (
        <OnlyLive what="No course of the merge">
          <ErrorState title="The merge cannot be shown" message={answer.problem} onRetry={answer.again} />
        </OnlyLive>
      ) : (
        <Loading label="Loading the merge" />
      )}
    </section>
  );
}
