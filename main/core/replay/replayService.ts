import { setTimeout as delay } from 'node:timers/promises';
import type { PastCosts, PastCostsInput } from '../../../contract/costs.ts';
import { type HistoryEvent, POLICY } from '../../../contract/history.ts';
import { LIMITS } from '../../../contract/limits.ts';
import type { MergeDetail } from '../../../contract/mergeDetail.ts';
import type {
  ReplayOverview,
  ReplayOverviewInput,
  ReplayStep,
  ReplayWindow,
  ReplayWindowInput,
} from '../../../contract/replay.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { type PastWatchdog, WatchdogPolicy } from '../../../contract/watchdogPolicy.ts';
import { type Clock, parseTimestamp, timestamp } from '../../platform/clock.ts';
import { pastCosts } from '../governor/costOverview.ts';
import type { PastMerge } from '../merge/mergeDetails.ts';
import type { Recordings } from '../recordings/recordingsService.ts';
import type { EventRow } from '../room/timelineRules.ts';
import type { Stores } from '../stores.ts';
import { pastWatchdog } from '../watchdog/policyViews.ts';
import { createPastFacts, type MailText } from './pastFacts.ts';
import { createPastRoom } from './pastRoom.ts';
import { pastTrace } from './pastSights.ts';
import type { PastProject } from './pastViews.ts';
import { breather, createOverviews, wholeHistory } from './replayOverview.ts';

/** The room as it was, in the deltas of the room as it is. Reads what is recorded and writes nothing. */
export interface Replay {
  window(input: ReplayWindowInput): Promise<Result<ReplayWindow>>;
  overview(input: ReplayOverviewInput): Promise<Result<ReplayOverview>>;
  /** The course of a merge as far as it had come at a moment. */
  merge(input: { readonly id: number; readonly at: string }): Promise<Result<MergeDetail>>;
  /** What the recorded turns had cost at a moment. */
  costs(input: PastCostsInput): Promise<Result<PastCosts>>;
  /** The watchdog's policy at a moment, and what it had done. */
  watchdog(input: { readonly at: string }): Promise<Result<PastWatchdog>>;
  /** Resolves once a window up to this moment (milliseconds since the epoch) leaves nothing of it to a later one. */
  settled(moment: number): Promise<void>;
}

export interface ReplayOptions {
  readonly stores: Pick<Stores, 'history' | 'events' | 'mail' | 'usage' | 'metrics' | 'watchdog'>;
  readonly recordings: Pick<Recordings, 'list'>;
  readonly clock: Clock;
  /** Has everything written that was seen so far; absent: nobody observes. */
  readonly flush?: () => void;
  readonly mergeThen: (moment: PastMerge) => Promise<MergeDetail>;
  readonly project: () => Omit<PastProject, 'recordings'>;
}

/** Milliseconds a change may be stored after its time: what is younger is left to the next window, or it would be missed. */
const SETTLED_MS = 250;
/** Rows of events.db looked at to know what an agent was doing. */
const DOING_ROWS = 30;

type Item =
  | { readonly at: number; readonly kind: 'history'; readonly event: HistoryEvent }
  | { readonly at: number; readonly kind: 'event'; readonly row: EventRow };

export function createReplay(options: ReplayOptions): Replay {
  const { clock } = options;
  const { history, events, mail } = options.stores;

  const overviews = createOverviews({ history, events, mailText, settledUntil: () => clock.now() - SETTLED_MS });

  function mailText(id: string): MailText | null {
    const message = mail.getById(id);
    if (message === null) return null;
    const { body, payload, reference } = message;
    return { body, payload, reference };
  }

  return {
    async settled(moment) {
      const rest = moment + SETTLED_MS - clock.now();
      if (rest > 0) await delay(Math.min(rest, SETTLED_MS));
    },
    async window(input) {
      const from = parseTimestamp(input.from);
      const to = input.to === undefined ? clock.now() : parseTimestamp(input.to);
      if (Number.isNaN(from) || Number.isNaN(to)) return badMoment();
      const listed = await options.recordings.list();
      options.flush?.();
      const breathe = breather();
      const facts = createPastFacts(mailText);
      const room = createPastRoom(facts, {
        ...options.project(),
        recordings: listed.ok ? listed.value.recordings : [],
      });
      for (const event of history.before(from)) {
        room.history(event);
        await breathe();
      }
      const lastId = events.lastIdAt(from);
      for (const name of facts.rows('agent').keys())
        for (const row of events.tail({ agentName: name, before: lastId + 1, limit: DOING_ROWS }))
          room.event(row, false);
      await breathe();
      for (const row of events.tail({ before: lastId + 1, limit: LIMITS.timelineWindow })) room.event(row);
      const start = room.changes(from) ?? {};

      const settled = Math.min(to, clock.now() - SETTLED_MS);
      const { items, until } = read(from, Math.max(from, settled), lastId, input.limit);
      const steps: ReplayStep[] = [];
      for (let index = 0; index < items.length; ) {
        const at = items[index]?.at ?? 0;
        for (let item = items[index]; item?.at === at; item = items[index]) {
          if (item.kind === 'history') room.history(item.event);
          else room.event(item.row);
          index += 1;
        }
        const changes = room.changes(at);
        if (changes !== null) steps.push({ at, changes });
        await breathe();
      }
      // What passes by itself, such as the minutes of the sparkline, is as the next window begins with it.
      const rest = until > from ? room.changes(until) : null;
      if (rest !== null) steps.push({ at: until, changes: rest });
      return ok({ from, until, start, steps, previousAt: previousAt(from) });
    },

    async merge({ id, at }) {
      const moment = parseTimestamp(at);
      if (Number.isNaN(moment)) return badMoment();
      options.flush?.();
      const breathe = breather();
      const facts = createPastFacts(mailText);
      for (const event of history.before(moment)) {
        facts.apply(event);
        await breathe();
      }
      const merge = facts.merge(String(id));
      if (merge === null) return fail('notFound', `merge ${id} was not in the queue at that moment`);
      const headOf = (branch: string): string | null => facts.rows('head').get(branch)?.value.commit ?? null;
      return ok(await options.mergeThen({ merge, trace: pastTrace(facts, id), headOf }));
    },

    async costs({ at, ...input }) {
      const moment = parseTimestamp(at);
      return Number.isNaN(moment) ? badMoment() : ok(pastCosts(options.stores, input, moment));
    },

    async watchdog({ at }) {
      const moment = parseTimestamp(at);
      if (Number.isNaN(moment)) return badMoment();
      const row = history.rowAt('setting', POLICY, moment);
      const policy = readPolicy(row?.value?.value);
      return ok(pastWatchdog(options.stores.watchdog.at(timestamp(moment)), policy, moment));
    },

    async overview(input) {
      const from = parseTimestamp(input.from);
      const to = Math.max(from, parseTimestamp(input.to));
      if (Number.isNaN(from) || Number.isNaN(to)) return badMoment();
      options.flush?.();
      return ok(await overviews.read(from, to, input.parts));
    },
  };

  /** Both kinds of what happened, in the order of their times, and until when that is complete. */
  function read(
    from: number,
    to: number,
    lastId: number,
    limit: number,
  ): { readonly items: readonly Item[]; readonly until: number } {
    const past = wholeHistory(history, from, to, limit);
    const rows = wholeRows(from, to, lastId, limit);
    const until = Math.max(from, Math.min(past.until, rows.until));
    const items: Item[] = past.events.map((event) => ({ at: parseTimestamp(event.at), kind: 'history', event }));
    items.push(...rows.items);
    return {
      items: items.filter((item) => item.at <= until).sort((one, other) => one.at - other.at),
      until,
    };
  }

  /**
   * Rows of events.db after `lastId`, whole milliseconds only. Rows of several processes may stand a few milliseconds out of
   * order: each counts from when all before it do, so that every moment has the first so many rows.
   */
  function wholeRows(
    from: number,
    to: number,
    lastId: number,
    limit: number,
  ): { readonly items: readonly Item[]; readonly until: number } {
    for (let most = limit; ; most *= 4) {
      let at = from;
      const items = events.after(lastId, most).map((row): Item => {
        at = Math.max(at, parseTimestamp(row.createdAt));
        return { at, kind: 'event', row };
      });
      if (items.length < most || at > to) return { items, until: to };
      if (at - 1 > from) return { items, until: at - 1 };
    }
  }

  function previousAt(from: number): number | null {
    const lastId = events.lastIdAt(from - 1);
    const row = lastId === 0 ? undefined : events.tail({ before: lastId + 1, limit: 1 })[0];
    const times = [history.newestAt(from - 1), row === undefined ? null : parseTimestamp(row.createdAt)].filter(
      (time) => time !== null,
    );
    return times.length === 0 ? null : Math.max(...times);
  }
}

/** The policy as it was stored; null when nothing is recorded, or another version wrote it. */
function readPolicy(stored: unknown): WatchdogPolicy | null {
  if (typeof stored !== 'string') return null;
  try {
    const read = WatchdogPolicy.safeParse(JSON.parse(stored));
    return read.success ? read.data : null;
  } catch {
    // Changed by hand: it says nothing that can be shown.
    return null;
  }
}

function badMoment(): Result<never> {
  return fail('validation', `a moment must be a time such as ${timestamp(0)}`);
}
