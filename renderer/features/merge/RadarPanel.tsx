import { X } from 'lucide-react';
import { useMemo } from 'react';
import { Age } from '../../components/Age.tsx';
import { Button, IconButton } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Pane, PaneLine, Panes } from '../../components/Panes.tsx';
import { Line } from '../../components/Text.tsx';
import { counted } from '../../stores/format.ts';
import { useLoaded, useRoom, useTopic } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import { useFreshAnswer } from '../../stores/useAnswer.ts';
import { ConflictBrowser } from './ConflictBrowser.tsx';
import { type ChosenPair, mergeStore, useMergeScreen } from './mergeStore.ts';
import { RadarMatrix } from './RadarMatrix.tsx';
import { RadarOrder } from './RadarOrder.tsx';
import styles from './RadarPanel.module.css';
import { radarGrid } from './radarRules.ts';

/** Last look and the way to another. */
export function RadarEnd() {
  const room = useRoom();
  const lookedAt = useTopic('radar', ({ value }) => value?.lookedAt ?? null);
  const looking = useMergeScreen((state) => state.looking);
  return (
    <>
      <span className={styles.last}>
        {lookedAt === null ? (
          'not looked yet'
        ) : (
          <>
            looked <Age at={lookedAt} /> ago
          </>
        )}
      </span>
      <Button small live disabled={looking} onClick={() => room.actions.run('radar.look', room)}>
        {looking ? 'Looking…' : 'Look now'}
      </Button>
    </>
  );
}

/** Files and places two worktrees would conflict in. */
function PairView({ pair }: { readonly pair: ChosenPair }) {
  const room = useRoom();
  const lookedAt = useTopic('radar', ({ value }) => value?.lookedAt ?? null);
  const answer = useFreshAnswer('radar.pair', { one: pair.one, other: pair.other }, lookedAt);
  const target = useTopic('radar', ({ value }) => value?.target ?? 'the target');
  return (
    <section className={styles.pair} aria-label="Predicted conflict">
      <header className={styles.pairHead}>
        <h3>
          <Line text={pair.one} /> <span className={styles.and}>and</span> <Line text={pair.other ?? target} />
        </h3>
        {answer.value === null ? null : (
          <span className={styles.quiet}>{counted(answer.value.count, 'file')} in conflict</span>
        )}
        <span className={styles.gap} />
        <Button small live onClick={() => room.actions.run('agent.review', room, pair.one)}>
          {`Review ${showableLine(pair.one)}`}
        </Button>
        {pair.other === null ? null : (
          <Button small live onClick={() => room.actions.run('agent.review', room, pair.other)}>
            {`Review ${showableLine(pair.other)}`}
          </Button>
        )}
        <IconButton label="Close the pair" onClick={() => mergeStore(room).setState({ pair: null })}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      </header>
      {answer.value !== null ? (
        <ConflictBrowser
          key={`${pair.one} ${pair.other}`}
          list={answer.value}
          source={{ kind: 'pair', ...pair }}
          version={lookedAt}
        />
      ) : answer.problem !== null ? (
        <ErrorState title="The pair cannot be shown" message={answer.problem} onRetry={answer.again} />
      ) : (
        <Loading label="Loading the pair" />
      )}
    </section>
  );
}

/** Predicted conflicts between all worktrees, and the order to merge them in. */
export function RadarPanel() {
  const loaded = useLoaded('radar');
  const view = useTopic('radar', ({ value }) => value);
  const pair = useMergeScreen((state) => state.pair);
  const grid = useMemo(() => (view === null ? null : radarGrid(view)), [view]);
  if (!loaded) return <Loading label="Loading the radar" rows={8} />;
  if (view === null || grid === null || grid.rows.length === 0)
    return (
      <EmptyState
        title={view?.enabled === false ? 'The radar is switched off' : 'No worktree to look at'}
        text={
          view?.enabled === false
            ? 'Set controlRoom.radar.enabled in .overstory/config.yaml, or look once by hand.'
            : 'As soon as agents work in worktrees of their own, every pair of them is merged on trial, uncommitted work included.'
        }
      />
    );
  return (
    <Panes id="radar" orientation="vertical">
      <Pane id="radar-matrix" min="180px">
        <div className={styles.top}>
          <RadarMatrix grid={grid} target={view.target} />
          <RadarOrder view={view} />
        </div>
      </Pane>
      {pair === null ? null : (
        <>
          <PaneLine label="Height of the pair" />
          <Pane id="radar-pair" size="55%" min="160px">
            <PairView pair={pair} />
          </Pane>
        </>
      )}
    </Panes>
  );
}
