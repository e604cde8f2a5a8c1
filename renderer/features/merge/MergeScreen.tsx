import { useEffect } from 'react';
import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Pane, PaneLine, Panes } from '../../components/Panes.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { useLoaded, useRoom, useTopic } from '../../stores/hooks.ts';
import { MergeDetailPane } from './MergeDetailPane.tsx';
import { entryIds, MergeQueueList } from './MergeQueueList.tsx';
import styles from './MergeScreen.module.css';
import { countWaiting, selectQueueRows } from './mergeRules.ts';
import { type MergePart, mergeStore, useMergeScreen } from './mergeStore.ts';
import { RadarEnd, RadarPanel } from './RadarPanel.tsx';

function Queue() {
  const room = useRoom();
  const loaded = useLoaded('merges');
  const rows = useTopic('merges', ({ byId }) => selectQueueRows(byId));
  const chosen = useMergeScreen((state) => state.chosen);
  const ids = entryIds(rows);
  const [first] = ids;
  const known = chosen !== null && ids.includes(chosen);
  useEffect(() => {
    // What is chosen and gone gives way to the first, so that keys and buttons always have one.
    if (!known && first !== undefined) mergeStore(room).setState({ chosen: first });
  }, [room, known, first]);
  if (!loaded) return <Loading label="Loading the merge queue" rows={6} rowHeight={44} />;
  if (ids.length === 0)
    return (
      <EmptyState
        title="Nothing to merge"
        text="Branches of agents that are done appear here in the order they came, with what each merge needed and what became of every line."
      >
        <Button onClick={() => room.actions.run('radar.show', room)}>See predicted collisions</Button>
      </EmptyState>
    );
  return (
    <Panes id="merge">
      <Pane id="merge-queue" size="320px" min="220px" max="50%">
        <MergeQueueList />
      </Pane>
      <PaneLine label="Width of the queue" />
      <Pane id="merge-detail" min="360px">
        <MergeDetailPane id={known ? chosen : (first ?? '')} />
      </Pane>
    </Panes>
  );
}

function QueueEnd() {
  const room = useRoom();
  const waiting = useTopic('merges', ({ byId }) => countWaiting(byId));
  return waiting === 0 ? null : (
    <Button small live onClick={() => room.actions.run('merge.all', room)}>
      Merge all {waiting}
    </Button>
  );
}

/** The merge queue with the story of each merge, and the collision radar. */
export function MergeScreen() {
  const room = useRoom();
  const part = useMergeScreen((state) => state.part);
  const pairs = useTopic('radar', ({ value }) => value?.pairs.length ?? 0);
  const count = useTopic('merges', ({ byId }) => Object.keys(byId).length);
  return (
    <div className={styles.screen}>
      <Tabs<MergePart>
        label="Merge room"
        value={part}
        onChange={(next) => mergeStore(room).setState({ part: next })}
        tabs={[
          { id: 'queue', title: 'Queue', extra: String(count) },
          { id: 'radar', title: 'Collision radar', extra: String(pairs) },
        ]}
        end={part === 'queue' ? <QueueEnd /> : <RadarEnd />}
      >
        {part === 'queue' ? <Queue /> : <RadarPanel />}
      </Tabs>
    </div>
  );
}
