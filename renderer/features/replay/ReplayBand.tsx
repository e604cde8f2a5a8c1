import { ChevronLeft, ChevronRight, Clock, GitBranch, History, Pause, Play, SkipBack, SkipForward } from 'lucide-react';
import { useStore } from 'zustand';
import type { PastBranch } from '../../../contract/replay.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { Popover } from '../../components/Popover.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Line } from '../../components/Text.tsx';
import { clockTime, counted, shortAge, timeOfDay } from '../../stores/format.ts';
import { useRoom } from '../../stores/hooks.ts';
import type { Room } from '../../stores/room.ts';
import type { Replaying } from '../../stores/stage.ts';
import { SPEEDS } from './playhead.ts';
import styles from './Replay.module.css';
import { Scrubber } from './Scrubber.tsx';
import { useBranches } from './useBranches.ts';

const SPEED_OPTIONS = SPEEDS.map((speed) => ({ value: String(speed), label: `${speed}×` }));

function Moment({ replay }: { readonly replay: Replaying }) {
  const at = useStore(replay.player.store, (state) => Math.floor(state.at / 1_000) * 1_000);
  const day = useStore(replay.live.clock.store, ({ now }) => clockTime(new Date(at).toISOString(), now).slice(0, -6));
  return (
    <span className={styles.moment}>
      {day === '' ? null : <span className={styles.day}>{day}</span>}
      {timeOfDay(at)}
    </span>
  );
}

/** What waits for a person now: a replay must not hide it. */
function LiveAttention({ live, goLive }: { readonly live: Room; goLive(): void }) {
  const count = useStore(live.topics.attention, ({ state }) => Object.keys(state.byId).length);
  if (count === 0) return <span className={styles.calm}>now: nobody waits for you</span>;
  return (
    <button
      type="button"
      className={styles.waiting}
      onClick={() => {
        goLive();
        live.actions.run('go.fleet', live);
      }}
    >
      <StatusMark status="needsYou" />
      <b>{count}</b> {count === 1 ? 'needs you now' : 'need you now'}
    </button>
  );
}

function BranchRow({ branch, at }: { readonly branch: PastBranch; readonly at: number }) {
  return (
    <li className={styles.branch}>
      <Line text={branch.name} className={styles.branchName} title />
      <span className={styles.commit}>{branch.commit?.slice(0, 7) ?? 'no commit'}</span>
      <span className={styles.branchAge}>{shortAge(at - Date.parse(branch.at))}</span>
    </li>
  );
}

function Branches() {
  const room = useRoom();
  const branches = useBranches(room);
  const at = useStore(room.clock.store, ({ now }) => Math.floor(now / 1_000) * 1_000);
  return (
    <Popover
      label="Branches at this moment"
      trigger={
        <Button small aria-label={`Branches at this moment: ${branches.length}`}>
          <GitBranch size={12} aria-hidden="true" />
          <span className={styles.wide}>{counted(branches.length, 'branch', 'branches')}</span>
        </Button>
      }
    >
      <ul className={styles.branches} aria-label="Branches">
        {branches.map((branch) => (
          <BranchRow key={branch.name} branch={branch} at={at} />
        ))}
      </ul>
    </Popover>
  );
}

function Controls({ replay }: { readonly replay: Replaying }) {
  const room = useRoom();
  const { player } = replay;
  const playing = useStore(player.store, (state) => state.playing);
  const speed = useStore(player.store, (state) => state.speed);
  const skipQuiet = useStore(player.store, (state) => state.skipQuiet);
  const act = (id: string) => () => void room.actions.run(id, room);
  return (
    <div className={styles.controls}>
      <IconButton label="Previous time somebody was needed" shortcut="Shift+K" onClick={act('replay.previousNeed')}>
        <SkipBack size={13} aria-hidden="true" />
      </IconButton>
      <IconButton label="Previous change" shortcut="Alt+ArrowLeft" onClick={act('replay.previous')}>
        <ChevronLeft size={15} aria-hidden="true" />
      </IconButton>
      <IconButton
        autoFocus
        label={playing ? 'Pause' : 'Play'}
        shortcut="Shift+P"
        className={styles.play}
        onClick={act('replay.play')}
      >
        {playing ? (
          <Pause size={14} fill="currentColor" aria-hidden="true" />
        ) : (
          <Play size={14} fill="currentColor" aria-hidden="true" />
        )}
      </IconButton>
      <IconButton label="Next change" shortcut="Alt+ArrowRight" onClick={act('replay.next')}>
        <ChevronRight size={15} aria-hidden="true" />
      </IconButton>
      <IconButton label="Next time somebody was needed" shortcut="Shift+J" onClick={act('replay.nextNeed')}>
        <SkipForward size={13} aria-hidden="true" />
      </IconButton>
      <Segmented
        label="Speed"
        options={SPEED_OPTIONS}
        value={String(speed)}
        onChange={(value) => {
          const chosen = SPEEDS.find((one) => String(one) === value);
          if (chosen !== undefined) player.setSpeed(chosen);
        }}
      />
      <Button small aria-pressed={skipQuiet} onClick={act('replay.skipQuiet')}>
        <span className={styles.wide}>{skipQuiet ? 'Skips quiet time' : 'Shows quiet time'}</span>
        <span className={styles.narrow}>{skipQuiet ? 'Skips' : 'Shows'}</span>
      </Button>
      <IconButton label="Go to a time…" shortcut="Shift+T" onClick={act('replay.goTo')}>
        <Clock size={13} aria-hidden="true" />
      </IconButton>
      <Branches />
    </div>
  );
}

/** Above everything while the past is on screen: that it is, which moment, and the way back. */
export function ReplayBand({ replay }: { readonly replay: Replaying }) {
  const room = useRoom();
  const loading = useStore(replay.player.store, (state) => state.loading);
  const problem = useStore(replay.player.store, (state) => state.problem);
  return (
    <section className={styles.band} aria-label="Replay">
      <div className={styles.row}>
        <span className={styles.word}>
          <History size={14} aria-hidden="true" /> Replay
        </span>
        <Moment replay={replay} />
        <Controls replay={replay} />
        <span className={styles.gap} />
        {problem === null ? (
          <span className={cx(styles.loading, loading && styles.shown)} role="status">
            {loading ? 'Reading…' : ''}
          </span>
        ) : (
          <span className={styles.problem} role="alert">
            <Line text={problem} title />
          </span>
        )}
        <LiveAttention live={replay.live} goLive={replay.goLive} />
        <Button small className={styles.goLive} onClick={() => void room.actions.run('replay.goLive', room)}>
          Go live
        </Button>
      </div>
      <Scrubber player={replay.player} />
    </section>
  );
}
