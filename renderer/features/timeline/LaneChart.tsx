import {
  type KeyboardEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { TimelineItem } from '../../../contract/timeline.ts';
import { StatusMark } from '../../components/StatusMark.tsx';
import { Name } from '../../components/Text.tsx';
import { useAgentStatus, useClock, useRoom } from '../../stores/hooks.ts';
import { useChartColours, useTypeface } from './chartLooks.ts';
import { focusBox } from './drawFocus.ts';
import { AXIS_HEIGHT, drawTimeline } from './drawTimeline.ts';
import { spokenItem } from './itemWords.ts';
import { ThingCard } from './ThingCard.tsx';
import styles from './Timeline.module.css';
import { itemAt, LANE, laneAt, laneMiddle, type TimelineModel } from './timelineModel.ts';
import { pan, reveal, span, ticks, type View, xToTime, zoomAround } from './timeScale.ts';
import { firstSpot, type Spot, type Step, stepFrom, thingAt } from './walkChart.ts';

/** Pixels on either side of the pointer within which a thin thing is hit. */
const HIT = 5;
/** Pixels a press has to move before it is a drag. */
const DRAG_FROM = 3;
/** Share of the span a page key moves by, and Shift with an arrow stretches the filter by; the factor of one zoom step. */
const PAGE = 0.8;
const BRUSH_STEP = 0.04;
const ZOOM = 1.25;
/** What arrows do: along a lane in time, and between lanes. */
const STEPS: Readonly<Record<string, Step>> = {
  ArrowLeft: 'earlier',
  ArrowRight: 'later',
  ArrowUp: 'up',
  ArrowDown: 'down',
};
/** Widths of wheel notches differ between systems; this much is one step. */
const NOTCH = 100;

export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

export interface LaneChartProps {
  readonly model: TimelineModel;
  readonly view: View;
  /** True while the right edge follows now. */
  readonly live: boolean;
  readonly brush: TimeRange | null;
  /** Item chosen in the list. */
  readonly chosen: TimelineItem | null;
  /** Now moved on while the right edge follows it. */
  onFollow(now: number): void;
  onView(view: View): void;
  onLive(live: boolean): void;
  onBrush(brush: TimeRange | null): void;
  onChoose(item: TimelineItem): void;
}

function LaneLabel({ name }: { readonly name: string }) {
  const room = useRoom();
  const status = useAgentStatus(name);
  return (
    <button
      type="button"
      tabIndex={-1}
      className={styles.label}
      style={{ height: LANE.height }}
      disabled={status === undefined}
      onClick={() => room.ui.setState({ selectedAgent: name })}
      onDoubleClick={() => room.actions.run('agent.openTerminal', room, name)}
    >
      <span className={styles.labelMark}>{status === undefined ? null : <StatusMark status={status} />}</span>
      <Name text={name} className={styles.labelName} />
    </button>
  );
}

interface Hover {
  readonly x: number;
  readonly y: number;
  readonly item: TimelineItem;
}

/** Where the keys are, and what was said of it then: not said again while the room goes on. */
interface Walk {
  readonly spot: Spot;
  readonly said: string;
  /** Whether its card is open. */
  readonly card: boolean;
}

type Press =
  | {
      readonly kind: 'pan';
      readonly x: number;
      readonly y: number;
      readonly view: View;
      readonly top: number;
      moved: boolean;
    }
  | { readonly kind: 'brush'; readonly from: number };

/** Lanes over time. Drawn on a canvas, because fifty lanes of turns and ticks are too many elements; the list below says the same in words. */
export function LaneChart(props: LaneChartProps) {
  const { model, view, live, brush, chosen, onFollow, onView, onLive, onBrush, onChoose } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const surface = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const press = useRef<Press | null>(null);
  /** The end of the filter that stays and the one that keys move. */
  const stretch = useRef<{ readonly anchor: number; readonly edge: number } | null>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [scrollTop, setScrollTop] = useState(0);
  const [hover, setHover] = useState<Hover | null>(null);
  const [walk, setWalk] = useState<Walk | null>(null);
  const [focused, setFocused] = useState(false);
  const colours = useChartColours();
  const hasTypeface = useTypeface(colours.font);
  const now = useClock((time) => time);
  const latest = useRef({ view, size, lanes: model.lanes });
  latest.current = { view, size, lanes: model.lanes };

  useLayoutEffect(() => {
    const element = surface.current;
    if (element === null) return;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const showLane = useCallback((name: string) => {
    const element = scroller.current;
    const lane = latest.current.lanes.findIndex((other) => other.name === name);
    if (element === null || lane < 0) return;
    const top = lane * LANE.height;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + LANE.height > element.scrollTop + element.clientHeight)
      element.scrollTop = top + LANE.height - element.clientHeight;
  }, []);

  // What is chosen below is in sight above.
  useEffect(() => {
    if (chosen !== null) showLane(chosen.agent);
  }, [chosen, showLane]);

  /** What the keys stand on; null without focus, and when a filter took it off the chart. */
  const walked = focused && walk !== null ? thingAt(model, walk.spot) : null;
  const box = walked === null ? null : focusBox(walked.thing, walked.lane, view, size.width, now);

  useEffect(() => {
    if (live) onFollow(now);
  }, [live, now, onFollow]);

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d') ?? null;
    if (element === null || context === null || size.width === 0 || !hasTypeface) return;
    const frame = requestAnimationFrame(() => {
      const ratio = window.devicePixelRatio || 1;
      const width = Math.round(size.width * ratio);
      const height = Math.round(size.height * ratio);
      if (element.width !== width || element.height !== height) {
        element.width = width;
        element.height = height;
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const zone = -new Date(view.end).getTimezoneOffset() * 60_000;
      drawTimeline(
        context,
        size,
        {
          model,
          view,
          ticks: ticks(view, size.width, zone),
          now,
          scrollTop,
          brush,
          highlight: hover?.item.id ?? walked?.thing.item.id ?? chosen?.id ?? null,
          focus: box,
        },
        colours,
      );
    });
    return () => cancelAnimationFrame(frame);
  }, [box, brush, chosen, colours, hasTypeface, hover, model, now, scrollTop, size, view, walked]);

  const move = useCallback(
    (next: View) => {
      onLive(false);
      onView(next);
    },
    [onLive, onView],
  );

  // React listens for the wheel passively; zooming has to keep the page from scrolling.
  useEffect(() => {
    const element = surface.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { view: shown, size: box } = latest.current;
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const delta = event.deltaX === 0 ? event.deltaY : event.deltaX;
        move(pan(shown, (delta / Math.max(1, box.width)) * span(shown)));
        return;
      }
      const at = xToTime(shown, box.width, event.clientX - element.getBoundingClientRect().left);
      onView(zoomAround(shown, ZOOM ** (event.deltaY / NOTCH), at));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [move, onView]);

  // A filter that was ended leaves nothing to stretch.
  useEffect(() => {
    if (brush === null) stretch.current = null;
  }, [brush]);

  const scrollLanes = (top: number) => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = top;
  };
  const pointIn = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const hit = (x: number, y: number): TimelineItem | null => {
    const lane = laneAt(y - AXIS_HEIGHT + scrollTop, model.lanes.length);
    if (lane === null || y < AXIS_HEIGHT) return null;
    return itemAt(model, lane, xToTime(view, size.width, x), (HIT / Math.max(1, size.width)) * span(view));
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const { x, y } = pointIn(event);
    event.currentTarget.setPointerCapture(event.pointerId);
    press.current = event.shiftKey
      ? { kind: 'brush', from: xToTime(view, size.width, x) }
      : { kind: 'pan', x, y, view, top: scrollTop, moved: false };
    setHover(null);
    setWalk(null);
  };
  const onPointerMove = (event: PointerEvent) => {
    const { x, y } = pointIn(event);
    const held = press.current;
    if (held === null) {
      const item = hit(x, y);
      setHover(item === null ? null : { x, y, item });
      return;
    }
    if (held.kind === 'brush') {
      stretch.current = null;
      const at = xToTime(view, size.width, x);
      onBrush({ start: Math.min(held.from, at), end: Math.max(held.from, at) });
      return;
    }
    if (!held.moved && Math.hypot(x - held.x, y - held.y) < DRAG_FROM) return;
    held.moved = true;
    if (Math.abs(x - held.x) >= 1) move(pan(held.view, (-(x - held.x) / Math.max(1, size.width)) * span(held.view)));
    scrollLanes(held.top - (y - held.y));
  };
  const onPointerUp = (event: PointerEvent) => {
    const held = press.current;
    press.current = null;
    if (held?.kind !== 'pan' || held.moved) return;
    const { x, y } = pointIn(event);
    const item = hit(x, y);
    if (item !== null) onChoose(item);
  };
  /** Stretches the filter by a step; the first one begins at the chosen event, else in the middle. */
  const brushBy = (direction: 1 | -1) => {
    const at = chosen === null ? Number.NaN : Date.parse(chosen.at);
    const middle = at >= view.start && at <= view.end ? at : (view.start + view.end) / 2;
    const held =
      brush === null ? { anchor: middle, edge: middle } : (stretch.current ?? { anchor: brush.start, edge: brush.end });
    const edge = held.edge + direction * span(view) * BRUSH_STEP;
    stretch.current = { anchor: held.anchor, edge };
    onBrush({ start: Math.min(held.anchor, edge), end: Math.max(held.anchor, edge) });
    const seen = reveal(view, edge);
    if (seen !== view) move(seen);
  };
  /** The first arrow shows where the keys are, each further one steps. */
  const walkBy = (step: Step) => {
    const spot = (walk === null ? null : stepFrom(model, walk.spot, step)) ?? firstSpot(model, chosen, view);
    const there = spot === null ? null : thingAt(model, spot);
    if (spot === null || there === null) return;
    setHover(null);
    setWalk({ spot, said: spokenItem(there.thing.item), card: true });
    showLane(spot.lane);
    const seen = reveal(view, there.thing.at);
    if (seen !== view) move(seen);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const middle = (view.start + view.end) / 2;
    const step = STEPS[event.key];
    if (event.shiftKey && event.key === 'ArrowLeft') brushBy(-1);
    else if (event.shiftKey && event.key === 'ArrowRight') brushBy(1);
    else if (step !== undefined && !event.shiftKey) walkBy(step);
    else if (event.key === 'Enter' && walked !== null) onChoose(walked.thing.item);
    else if (event.key === 'PageUp') move(pan(view, -span(view) * PAGE));
    else if (event.key === 'PageDown') move(pan(view, span(view) * PAGE));
    else if (event.key === '+' || event.key === '=') onView(zoomAround(view, 1 / ZOOM, live ? now : middle));
    else if (event.key === '-' || event.key === '_') onView(zoomAround(view, ZOOM, live ? now : middle));
    else if (event.key === 'Home' && model.from > 0) move(pan(view, model.from - span(view) * 0.03 - view.start));
    else if (event.key === 'End') onLive(true);
    else if (event.key === 'Escape' && walk?.card === true) setWalk({ ...walk, card: false });
    else if (event.key === 'Escape' && brush !== null) onBrush(null);
    else return;
    event.preventDefault();
  };

  return (
    <div className={styles.chart}>
      <div className={styles.labels}>
        <div className={styles.labelsHead} style={{ height: AXIS_HEIGHT }} />
        <div
          ref={scroller}
          className={styles.labelsScroll}
          onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        >
          {model.lanes.map((lane) => (
            <LaneLabel key={lane.name} name={lane.name} />
          ))}
        </div>
      </div>
      <div
        ref={surface}
        className={styles.surface}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart takes keys of its own, which its label names.
        tabIndex={0}
        aria-label="Lanes over time. Arrows walk over what is on them, Enter chooses it, page keys move, plus and minus zoom, Shift with arrows filters the list, Home goes to the first event, End to now."
        onKeyDown={onKey}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerLeave={() => setHover(null)}
      >
        <canvas ref={canvas} className={styles.canvas} />
        {hover !== null ? (
          <ThingCard item={hover.item} x={hover.x} y={hover.y} width={size.width} height={size.height} />
        ) : walk?.card === true && walked !== null && box !== null ? (
          <ThingCard
            item={walked.thing.item}
            x={Math.max(0, box.left) + Math.min(box.width, 20) / 2}
            y={AXIS_HEIGHT + laneMiddle(walked.lane) - scrollTop}
            width={size.width}
            height={size.height}
          />
        ) : null}
      </div>
      <p className="visually-hidden" role="status" aria-label="Thing on the timeline">
        {focused && walk !== null ? walk.said : ''}
      </p>
    </div>
  );
}
