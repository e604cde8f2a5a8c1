import { type KeyboardEvent, memo, type PointerEvent, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import type { ReplayMark, ReplayOverview } from '../../../contract/replay.ts';
import { longDuration, timeOfDay } from '../../stores/format.ts';
import { useRoom } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import type { Player } from './player.ts';
import styles from './Replay.module.css';

/** Units of the drawing across; it is stretched to the width there is. */
const WIDTH = 1_000;
const HEIGHT = 28;
/** Marks drawn at most; of more the rest is in the density. */
const MOST_MARKS = 400;

const share = (at: number, from: number, to: number) => Math.min(1, Math.max(0, (at - from) / Math.max(1, to - from)));

/** How much happened, as a curve of bars. */
const Density = memo(function Density({ overview }: { readonly overview: ReplayOverview }) {
  const path = useMemo(() => {
    const most = Math.max(1, ...overview.density);
    const width = WIDTH / overview.density.length;
    return overview.density
      .map((count, index) => {
        // Roots: a flood beside a single event leaves the single one visible.
        const height = count === 0 ? 0 : Math.max(2, Math.sqrt(count / most) * (HEIGHT - 8));
        return height === 0 ? '' : `M${index * width} ${HEIGHT}v${-height}h${width * 0.8}v${height}z`;
      })
      .join('');
  }, [overview]);
  return (
    <svg className={styles.density} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path} />
    </svg>
  );
});

function MarkGlyph({ mark }: { readonly mark: ReplayMark }) {
  switch (mark.kind) {
    case 'attention':
      return <path d="M5 .6 9.4 5 5 9.4.6 5z" />;
    case 'merge':
      return mark.good ? (
        <path d="M1 5.4 4 8.4 9 2l-.9-.8-4.2 5.4-2.1-2z" />
      ) : (
        <path d="M1 1h8v8H1zM2.4 2.4v5.2h5.2V2.4z" />
      );
    case 'death':
      return <path d="m1 2 1-1 3 3 3-3 1 1-3 3 3 3-1 1-3-3-3 3-1-1 3-3z" />;
  }
}

/** Moments worth going to. The keyboard has them by its jumps; a click goes to one exactly. */
const Marks = memo(function Marks({
  overview,
  player,
}: {
  readonly overview: ReplayOverview;
  readonly player: Player;
}) {
  return overview.marks.slice(-MOST_MARKS).map((mark) => (
    <button
      key={`${mark.kind} ${mark.at} ${mark.agent ?? ''} ${mark.title}`}
      type="button"
      tabIndex={-1}
      className={styles.mark}
      data-kind={mark.kind === 'merge' && !mark.good ? 'failed' : mark.kind}
      style={{ left: `${share(mark.at, overview.from, overview.to) * 100}%` }}
      title={showableLine(`${timeOfDay(mark.at)} ${mark.title}`)}
      aria-label={showableLine(`${timeOfDay(mark.at)} ${mark.title}`)}
      onPointerDown={(event) => event.stopPropagation()}
      onClick={() => {
        player.pause();
        player.seek(mark.at);
      }}
    >
      <svg viewBox="0 0 10 10" width="10" height="10" fill="currentColor" aria-hidden="true">
        <MarkGlyph mark={mark} />
      </svg>
    </button>
  ));
});

/** The line of the whole stretch: drag or click to a moment, arrows move it. */
export function Scrubber({ player }: { readonly player: Player }) {
  const room = useRoom();
  const { from, to, at, overview } = useStore(player.store);
  const line = useRef<HTMLDivElement>(null);
  const dragging = useRef(false);
  const seekTo = (event: PointerEvent) => {
    const box = line.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    player.seek(from + ((event.clientX - box.left) / box.width) * (to - from));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const far = (to - from) / 20;
    const near = Math.max(1_000, (to - from) / 400);
    const moves: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => player.seek(at - near),
      ArrowRight: () => player.seek(at + near),
      PageDown: () => player.seek(at + far),
      PageUp: () => player.seek(at - far),
      Home: () => player.seek(from),
      End: () => player.seek(to),
      ' ': () => void room.actions.run('replay.play', room),
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  };
  return (
    <div
      ref={line}
      role="slider"
      tabIndex={0}
      aria-label="Moment of the replay"
      aria-valuemin={0}
      aria-valuemax={Math.round((to - from) / 1_000)}
      aria-valuenow={Math.round((at - from) / 1_000)}
      aria-valuetext={`${timeOfDay(at)}, ${longDuration(at - from)} of ${longDuration(to - from)}`}
      className={styles.scrubber}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        dragging.current = true;
        player.pause();
        seekTo(event);
      }}
      onPointerMove={(event) => {
        if (dragging.current) seekTo(event);
      }}
      onPointerUp={() => {
        dragging.current = false;
      }}
      onPointerCancel={() => {
        dragging.current = false;
      }}
    >
      {overview === null ? null : <Density overview={overview} />}
      <div className={styles.played} style={{ width: `${share(at, from, to) * 100}%` }} />
      {overview === null ? null : <Marks overview={overview} player={player} />}
      <div className={styles.playhead} style={{ left: `${share(at, from, to) * 100}%` }} />
    </div>
  );
}
