import { History, Maximize2, Minus, Plus, X } from 'lucide-react';
import { useCallback, useDeferredValue, useMemo, useRef, useState } from 'react';
import type { RunView } from '../../../contract/runs.ts';
import type { TimelineItem } from '../../../contract/timeline.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Select } from '../../components/Field.tsx';
import { Pane, PaneLine, Panes } from '../../components/Panes.tsx';
import { clockTime, counted, timeOfDay } from '../../stores/format.ts';
import { useClock, useLoaded, useRoom, useTopic } from '../../stores/hooks.ts';
import { stableList } from '../../stores/reuse.ts';
import { NothingThen } from '../replay/NothingThen.tsx';
import { openingOf, runAt, showMoment, startReplay, stretchOf } from '../replay/startReplay.ts';
import { EventList } from './EventList.tsx';
import { LaneChart, type TimeRange } from './LaneChart.tsx';
import styles from './Timeline.module.css';
import { filterItems, loadOlder, useTimelineItems } from './timelineItems.ts';
import { buildTimeline, laneNames } from './timelineModel.ts';
import { FIRST_SPAN, fitTo, followNow, openingView, reveal, type View, zoomAround } from './timeScale.ts';

/** Runs, the newest first. */
const selectRuns = stableList((byId: Readonly<Record<string, RunView>>) =>
  Object.values(byId).sort((left, right) => right.startedAt.localeCompare(left.startedAt)),
);

function RunFilter({ runId, onRun }: { readonly runId: string | null; onRun(runId: string | null): void }) {
  const runs = useTopic('runs', ({ byId }) => selectRuns(byId));
  const now = useClock((time) => Math.floor(time / 60_000) * 60_000);
  return (
    <Select
      aria-label="Run"
      className={styles.run}
      value={runId ?? ''}
      onChange={(event) => onRun(event.target.value === '' ? null : event.target.value)}
    >
      <option value="">All runs</option>
      {runs.map((run) => (
        <option key={run.id} value={run.id}>
          {`run ${clockTime(run.startedAt, now)}${run.current ? ' · current' : run.status === 'active' ? '' : ` · ${run.status}`}`}
        </option>
      ))}
    </Select>
  );
}

/** One lane per agent over time, and every event in words below. */
export function TimelineScreen() {
  const room = useRoom();
  const all = useDeferredValue(useTimelineItems((state) => state.items));
  const complete = useTimelineItems((state) => state.complete);
  const loaded = useLoaded('timeline');
  const agents = useTopic('agents', (state) => state.byId);
  const [runId, setRunId] = useState<string | null>(null);
  const [brush, setBrush] = useState<TimeRange | null>(null);
  const [chosen, setChosen] = useState<TimelineItem | null>(null);
  const [live, setLive] = useState(true);
  const [view, setView] = useState<View>(() => {
    const { now } = room.clock.store.getState();
    return { start: now - FIRST_SPAN, end: now };
  });
  /** Until a person zooms or moves, a young run is shown whole. */
  const opening = useRef(true);

  const ofRun = useMemo(() => filterItems(all, runId, null), [all, runId]);
  const listed = useMemo(() => filterItems(ofRun, null, brush), [ofRun, brush]);
  const names = useMemo(() => laneNames(ofRun, agents, runId), [ofRun, agents, runId]);
  const namesKey = names.join('\n');
  // Agents change many times a second without a lane coming or going.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `namesKey` stands for `names`.
  const model = useMemo(() => buildTimeline(ofRun, names), [ofRun, namesKey]);

  const onFollow = useCallback(
    (now: number) =>
      setView((shown) => (opening.current && model.from > 0 ? openingView(model.from, now) : followNow(shown, now))),
    [model.from],
  );
  const onView = useCallback((next: View) => {
    opening.current = false;
    setView(next);
  }, []);
  const choose = useCallback(
    (item: TimelineItem) => {
      setChosen(item);
      setView((shown) => {
        const next = reveal(shown, Date.parse(item.at));
        if (next !== shown) {
          opening.current = false;
          setLive(false);
        }
        return next;
      });
      if (agents[item.agent] !== undefined) room.ui.setState({ selectedAgent: item.agent });
    },
    [agents, room],
  );
  const zoom = (factor: number) => onView(zoomAround(view, factor, live ? view.end : (view.start + view.end) / 2));
  const fit = () => {
    if (model.until === 0) return;
    setLive(false);
    onView(fitTo(model.from, Math.max(model.until, model.from + 1)));
  };
  const onOlder = useCallback(() => void loadOlder(room), [room]);

  if (loaded && all.length === 0)
    return (
      <NothingThen what="events">
        <EmptyState
          title="Nothing has happened yet"
          text="Turns, tool calls, mail and merges of every agent appear here as they happen."
        />
      </NothingThen>
    );
  return (
    <div className={styles.screen}>
      <div className={styles.tools}>
        <RunFilter
          runId={runId}
          onRun={(next) => {
            setRunId(next);
            setBrush(null);
          }}
        />
        <span className={styles.count}>{counted(ofRun.length, 'event')}</span>
        {brush === null ? (
          <span className={styles.keys} aria-hidden="true">
            wheel zooms, drag moves, arrows walk, Shift+drag filters
          </span>
        ) : (
          <Button small onClick={() => setBrush(null)} aria-label="End the filter">
            {timeOfDay(brush.start)}–{timeOfDay(brush.end)} · {counted(listed.length, 'event')}
            <X size={12} aria-hidden="true" />
          </Button>
        )}
        <span className={styles.gap} />
        {chosen === null ? null : (
          <Button small onClick={() => showMoment(room, Date.parse(chosen.at))}>
            <History size={12} aria-hidden="true" /> Show this moment
          </Button>
        )}
        {room.replay === null ? (
          <Button
            small
            onClick={() => {
              const byId = room.topics.runs.getState().state.byId;
              const run = runId === null ? runAt(byId, null) : (byId[runId] ?? null);
              if (run !== null) startReplay(room, stretchOf(run), openingOf(stretchOf(run)));
            }}
          >
            Replay
          </Button>
        ) : null}
        <IconButton label="Zoom out" onClick={() => zoom(1.6)}>
          <Minus size={14} aria-hidden="true" />
        </IconButton>
        <IconButton label="Zoom in" onClick={() => zoom(1 / 1.6)}>
          <Plus size={14} aria-hidden="true" />
        </IconButton>
        <IconButton label="Show all of it" onClick={fit}>
          <Maximize2 size={13} aria-hidden="true" />
        </IconButton>
        <Button small aria-pressed={live} className={styles.live} onClick={() => setLive(!live)}>
          <span className={styles.liveDot} data-live={live || undefined} aria-hidden="true" />
          {live ? 'Following now' : 'Follow now'}
        </Button>
      </div>
      <Panes id="timeline" orientation="vertical">
        <Pane id="timeline-lanes" min="120px">
          <LaneChart
            model={model}
            view={view}
            live={live}
            brush={brush}
            chosen={chosen}
            onFollow={onFollow}
            onView={onView}
            onLive={setLive}
            onBrush={setBrush}
            onChoose={choose}
          />
        </Pane>
        <PaneLine label="Height of the event list" />
        <Pane id="timeline-events" size="260px" min="80px">
          {listed.length === 0 ? (
            <EmptyState
              title="No event here"
              text={
                brush === null
                  ? 'This run has no event among those that are loaded.'
                  : 'Nothing happened in that stretch of time.'
              }
            />
          ) : (
            <EventList
              items={listed}
              chosen={chosen?.id ?? null}
              onOlder={complete || brush !== null ? null : onOlder}
              onChoose={choose}
            />
          )}
        </Pane>
      </Panes>
    </div>
  );
}
