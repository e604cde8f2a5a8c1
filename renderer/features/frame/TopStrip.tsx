import { PanelLeft, PanelRight, Pause, Play } from 'lucide-react';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { RunView } from '../../../contract/runs.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { Fact, Facts } from '../../components/Facts.tsx';
import { Popover } from '../../components/Popover.tsx';
import { ActionShortcut } from '../../components/Shortcut.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line } from '../../components/Text.tsx';
import { clockTime, counted, dollars, longDuration } from '../../stores/format.ts';
import { useClock, useRoom, useStatus, useTopic, useUi } from '../../stores/hooks.ts';
import { liveRoom } from '../../stores/stage.ts';
import { inspectorShown, treeShown } from '../../stores/uiStore.ts';
import { ProjectPill } from '../projects/ProjectPill.tsx';
import { CostChip } from './CostChip.tsx';
import { Sparkline } from './Sparkline.tsx';
import styles from './TopStrip.module.css';
import { TreeLogo } from './TreeLogo.tsx';

const NO_ACTIVITY: readonly number[] = Array.from({ length: 60 }, () => 0);

function Project() {
  return (
    <ProjectPill
      trigger={(content) => (
        <button type="button" className={styles.pill}>
          {content}
        </button>
      )}
    />
  );
}

function RunLength({ run }: { readonly run: RunView }) {
  // Whole seconds in the first minute, whole minutes after: nothing changes on screen that nobody reads.
  const length = useClock((now) => {
    const end = run.completedAt === null ? now : Date.parse(run.completedAt);
    const milliseconds = Math.max(0, end - Date.parse(run.startedAt));
    const unit = milliseconds < 60_000 ? 1_000 : 60_000;
    return Math.floor(milliseconds / unit) * unit;
  });
  const ended = run.status === 'active' ? '' : ` · ${run.status}`;
  return (
    <span className={cx(styles.soft, styles.length)}>
      · {longDuration(length)}
      {ended}
    </span>
  );
}

function newestRun(byId: Readonly<Record<string, RunView>>): RunView | undefined {
  return Object.values(byId).reduce<RunView | undefined>(
    (newest, run) => (newest === undefined || run.startedAt > newest.startedAt ? run : newest),
    undefined,
  );
}

function Run() {
  const room = useRoom();
  const runId = useStatus((status) => status.runId);
  const activity = useStatus((status) => status.activity) ?? NO_ACTIVITY;
  // Between runs the last one stays in view: its length and cost are what a person looks for then.
  const run = useTopic('runs', ({ byId }) => (runId === null ? newestRun(byId) : byId[runId]));
  const started = useClock((now) => (run === undefined ? '' : clockTime(run.startedAt, now)));
  const calls = activity.reduce((sum, value) => sum + value, 0);
  return (
    <Popover
      label="Run"
      trigger={
        <button type="button" className={cx(styles.pill, styles.run)}>
          <span className={styles.soft}>run</span>
          {run === undefined ? (
            <span className={styles.soft}>none yet</span>
          ) : (
            <>
              <span className={styles.strong}>{started}</span>
              <RunLength run={run} />
            </>
          )}
          <span className={styles.spark}>
            <Sparkline
              values={activity}
              label={`${counted(calls, 'turn or tool call', 'turns and tool calls')} in the last hour`}
            />
          </span>
        </button>
      }
    >
      {run === undefined ? (
        <p>A run starts with the coordinator or with the first sling.</p>
      ) : (
        <Facts>
          <Fact label="run" mono>
            <Line text={run.id} title />
          </Fact>
          <Fact label="state">{run.status}</Fact>
          <Fact label="coordinator">{run.coordinator === null ? 'none' : <Line text={run.coordinator} />}</Fact>
          <Fact label="agents">{run.agentCount}</Fact>
          <Fact label="cost">${dollars(run.costUsd)}</Fact>
          <Fact label="last hour">{counted(calls, 'turn or tool call', 'turns and tool calls')}</Fact>
        </Facts>
      )}
      <div className={styles.popoverActions}>
        {run === undefined || room.replay !== null ? null : (
          <Button small onClick={() => room.actions.run('replay.start', room)}>
            Replay
          </Button>
        )}
        {run?.status === 'active' ? (
          <Button small live onClick={() => room.actions.run('run.complete', room)}>
            Complete run…
          </Button>
        ) : null}
      </div>
    </Popover>
  );
}

function Attention() {
  const room = useRoom();
  const count = useTopic('attention', ({ byId }) => Object.keys(byId).length);
  const then = room.replay !== null;
  if (count === 0)
    return <span className={cx(styles.pill, styles.calm)}>{then ? 'nobody waited then' : 'nobody waits for you'}</span>;
  return (
    <button
      type="button"
      className={cx(styles.pill, styles.whole, styles.attention)}
      onClick={() => room.actions.run('go.fleet', room)}
    >
      <StatusMark status="needsYou" />
      <span className={styles.strong}>{count}</span>
      <span>{then ? 'needed you then' : count === 1 ? 'needs you' : 'need you'}</span>
    </button>
  );
}

function PauseFleet() {
  const room = useRoom();
  const paused = useStatus((status) => status.paused);
  // The past is not paused; what a replay says of it is no switch.
  if (paused === null || room.replay !== null) return null;
  const Icon = paused ? Play : Pause;
  return (
    <button
      type="button"
      aria-pressed={paused}
      className={cx(styles.pill, styles.whole, paused && styles.attention)}
      onClick={() => room.actions.run('fleet.pause', room)}
    >
      <Icon size={12} fill="currentColor" aria-hidden="true" />
      <span className={styles.optional}>{paused ? 'Resume fleet' : 'Pause fleet'}</span>
    </button>
  );
}

function InspectorToggle() {
  const room = useRoom();
  const shown = useUi((state) => inspectorShown(state, state.screen));
  return (
    <IconButton
      label={shown ? 'Hide inspector' : 'Show inspector'}
      action="view.inspector"
      aria-pressed={shown}
      onClick={() => room.actions.run('view.inspector', room)}
    >
      <PanelRight size={15} aria-hidden="true" />
    </IconButton>
  );
}

/** Project, run, what waits for a person, spend and the pause switch. */
export function TopStrip() {
  const room = useRoom();
  const treeOpen = useUi(treeShown);
  // The window's title is read from outside: it speaks of now, whatever is on screen.
  const count = useStore(liveRoom(room).topics.attention, ({ state }) => Object.keys(state.byId).length);
  const name = useStatus((status) => status.project.name);
  useEffect(() => {
    document.title = `${count > 0 ? `(${count}) ` : ''}${name ?? 'Overstory'} · Control Room`;
  }, [count, name]);
  return (
    <header className={styles.strip}>
      <h1 className="visually-hidden">Overstory Control Room</h1>
      <div className={styles.brand}>
        <TreeLogo />
        <span className={styles.brandName}>Overstory</span>
      </div>
      <span className={styles.divider} />
      <Project />
      <Run />
      <span className={styles.gap} />
      <Attention />
      <CostChip />
      <PauseFleet />
      <button type="button" className={styles.palette} onClick={() => room.actions.run('palette.open', room)}>
        <span className="visually-hidden">Command palette </span>
        <ActionShortcut action="palette.open" />
      </button>
      <IconButton
        label={treeOpen ? 'Hide agents' : 'Show agents'}
        action="view.tree"
        aria-pressed={treeOpen}
        onClick={() => room.actions.run('view.tree', room)}
      >
        <PanelLeft size={15} aria-hidden="true" />
      </IconButton>
      <InspectorToggle />
    </header>
  );
}
