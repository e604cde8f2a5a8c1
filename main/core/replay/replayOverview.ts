import type { HistoryEvent, ObservedKind } from '../../../contract/history.ts';
import type { ReplayMark, ReplayOverview } from '../../../contract/replay.ts';
import { parseTimestamp } from '../../platform/clock.ts';
import type { HistoryStore } from '../recordings/historyStore.ts';
import type { Stores } from '../stores.ts';
import { createPastFacts, type MailText } from './pastFacts.ts';
import { type MarkFinder, markFinder } from './replayMarks.ts';

export interface OverviewOptions {
  readonly history: Pick<HistoryStore, 'before' | 'between' | 'oldestAt'>;
  readonly events: Pick<Stores['events'], 'lastIdAt' | 'timesAfter'>;
  readonly mailText: (id: string) => MailText | null;
  /** Milliseconds since the epoch up to which nothing is written any more. */
  readonly settledUntil: () => number;
}

/** What the scrubber shows of stretches: read once, and from then on only what was added since (product.md B8). */
export interface Overviews {
  /** @param from, to milliseconds since the epoch. */
  read(from: number, to: number, parts: number): Promise<ReplayOverview>;
}

/** Milliseconds of work after which everybody else gets a turn: this thread also serves the live room. */
const SLICE_MS = 8;
/** What counts of what was observed: the rest is looking, and nothing happens by it. */
const COUNTED: readonly ObservedKind[] = ['calling'];
/** Rows read at once when a long stretch is counted. */
const PAGE = 2_000;
/** Stretches kept, the one asked for last first: one a person that looks at a replay. */
const KEPT = 3;

/** One beginning, and what has been read from there on. */
interface Stretch {
  readonly from: number;
  readonly finder: MarkFinder;
  /** Everything of the history up to here is in the marks. */
  until: number;
  /** Newest row of events.db that is counted. */
  lastId: number;
  readonly marks: ReplayMark[];
  /** Times of everything that happened: parts of the line are made anew from them as it grows. */
  readonly times: number[];
  /** Readings follow one another. */
  reading: Promise<void>;
}

export function createOverviews(options: OverviewOptions): Overviews {
  const { history, events } = options;
  let kept: readonly Stretch[] = [];

  async function begin(from: number): Promise<Stretch> {
    const breathe = breather();
    const facts = createPastFacts(options.mailText);
    const finder = markFinder(facts);
    for (const event of history.before(from)) {
      facts.apply(event);
      await breathe();
    }
    finder.begin();
    const reading = Promise.resolve();
    return { from, finder, until: from, lastId: events.lastIdAt(from), marks: [], times: [], reading };
  }

  /** Reads what came after the last reading, up to a moment. */
  async function grow(stretch: Stretch, to: number): Promise<void> {
    const breathe = breather();
    while (stretch.until < to) {
      const page = wholeHistory(history, stretch.until, to, PAGE, COUNTED);
      for (const event of page.events) {
        stretch.times.push(parseTimestamp(event.at));
        stretch.marks.push(...stretch.finder.apply(event));
        await breathe();
      }
      stretch.until = page.until;
    }
    for (;;) {
      const page = events.timesAfter(stretch.lastId, PAGE);
      for (const row of page) stretch.times.push(row.at);
      const last = page.at(-1);
      if (last === undefined) return;
      stretch.lastId = last.id;
      if (page.length < PAGE || last.at > to) return;
      await breathe();
    }
  }

  return {
    async read(from, to, parts) {
      let stretch = kept.find((one) => one.from === from);
      if (stretch === undefined) {
        stretch = await begin(from);
        // Another look at the same stretch may have begun meanwhile: either of them will do.
        kept = [stretch, ...kept].slice(0, KEPT);
      } else kept = [stretch, ...kept.filter((one) => one !== stretch)];
      const held = stretch;
      const until = Math.min(to, options.settledUntil());
      const reading = held.reading.then(() => grow(held, until));
      // A reading that failed is told to whoever asked for it; the next one goes on where it stopped.
      held.reading = reading.catch(() => {});
      await reading;
      return {
        from,
        to,
        density: densityOf(held.times, from, to, parts),
        marks: held.marks.filter((mark) => mark.at <= to),
        recordedFrom: history.oldestAt(),
      };
    },
  };
}

/** How many of these times lie in each of so many equal parts after `from` up to `to`. Pure. */
export function densityOf(times: readonly number[], from: number, to: number, parts: number): number[] {
  const density = new Array<number>(parts).fill(0);
  const length = Math.max(1, to - from);
  for (const at of times) {
    if (at <= from || at > to) continue;
    const part = Math.min(parts - 1, Math.floor(((at - from) / length) * parts));
    density[part] = (density[part] ?? 0) + 1;
  }
  return density;
}

/** History after `from` and until when it is complete: whole milliseconds only, so that the next page begins where this one ends. */
export function wholeHistory(
  history: Pick<HistoryStore, 'between'>,
  from: number,
  to: number,
  limit: number,
  observed?: readonly ObservedKind[],
): { readonly events: readonly HistoryEvent[]; readonly until: number } {
  for (let most = limit; ; most *= 4) {
    const found = history.between(from, to, most, observed);
    if (found.length < most) return { events: found, until: to };
    const last = parseTimestamp(found.at(-1)?.at ?? '');
    const events = found.filter((event) => parseTimestamp(event.at) < last);
    if (events.length > 0) return { events, until: last - 1 };
  }
}

/** Gives the thread away whenever a slice of work is over. */
export function breather(): () => Promise<void> {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < SLICE_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    began = performance.now();
  };
}
