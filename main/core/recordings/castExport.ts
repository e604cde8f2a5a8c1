import type { CastKind } from '../../platform/castFiles.ts';
import { castLine } from '../../platform/castFiles.ts';
import { screenAt } from './playedScreen.ts';
import { readRange } from './recordedRange.ts';
import type { TerminalRecording } from './segments.ts';

/** Something to draw, by its time since the beginning of what is played, in milliseconds. */
export interface PlayedEvent {
  readonly time: number;
  readonly kind: CastKind;
  readonly data: string;
}

/** A stretch of a recording as one whole: how large the terminal is at its beginning, and what is drawn from then on. */
export interface Stretch {
  readonly size: { readonly cols: number; readonly rows: number };
  readonly startedAt: number;
  readonly title: string;
  readonly events: AsyncGenerator<PlayedEvent>;
}

/** Empties a terminal with all its modes. */
const RESET = '\x1bc';
/** Milliseconds: a moment before an event, finer than two events can lie apart. */
const JUST_BEFORE_MS = 0.001;

/**
 * A recording from one moment to another (milliseconds since the epoch) as if it had been recorded so: it begins with the
 * screen of the first moment, and where output is missing the screen behind the gap is drawn afresh.
 */
export async function stretchOf(recording: TerminalRecording, from: number, to: number): Promise<Stretch> {
  const { segments } = recording;
  const [first] = segments;
  if (first === undefined) throw new Error('a recording without segments');
  const begin = first.header.overstory.startedAt;
  const start = Math.max(from, begin);
  const screen = from <= begin && first.header.overstory.starts === 'blank' ? null : await screenAt(segments, start);

  async function* events(): AsyncGenerator<PlayedEvent> {
    if (screen !== null && screen.snapshot !== '') yield { time: 0, kind: 'o', data: screen.snapshot };
    for await (const { at, kind, data, breaks } of readRange(segments, screen === null ? begin - 1 : start, to)) {
      const time = Math.max(0, at - start);
      if (breaks) {
        const behind = await screenAt(segments, at - JUST_BEFORE_MS);
        if (behind !== null) {
          yield { time, kind: 'r', data: `${behind.size.cols}x${behind.size.rows}` };
          yield { time, kind: 'o', data: RESET + behind.snapshot };
        }
      }
      yield { time, kind, data };
    }
  }

  return {
    size: screen?.size ?? { cols: first.header.width, rows: first.header.height },
    startedAt: start,
    title: segments.at(-1)?.header.title ?? recording.terminal,
    events: events(),
  };
}

/** Lines of an asciicast v2 file of a stretch. */
export async function* castLines(stretch: Stretch): AsyncGenerator<string> {
  yield `${JSON.stringify({
    version: 2,
    width: stretch.size.cols,
    height: stretch.size.rows,
    timestamp: Math.floor(stretch.startedAt / 1_000),
    title: stretch.title,
    env: { TERM: 'xterm-256color' },
  })}\n`;
  for await (const { time, kind, data } of stretch.events) yield castLine(time, kind, data);
}
