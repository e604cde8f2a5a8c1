import type { CostOverview, CostOverviewInput } from '../../../contract/costs.ts';
import { procedures } from '../../../contract/procedures.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { RoomLink, TopicListener, TopicName } from '../../client/link.ts';
import { timeOfDay } from '../../stores/format.ts';
import type { Player } from './player.ts';
import type { PastStates } from './reel.ts';
import { createReplayTerminals } from './replayTerminals.ts';

/** What may be asked of the engine from within a replay: it never changes, whenever it is asked. */
const TIMELESS: ReadonlySet<string> = new Set([
  'timeline.page',
  'recordings.list',
  'recordings.state',
  'recordings.read',
  'replay.overview',
  'replay.watchdog',
]);

/** Topics that have no past (contract/replay.ts): they stay as they are before anything is known. */
function pastOf(states: PastStates, name: TopicName): unknown {
  return (states as Readonly<Record<string, unknown>>)[name];
}

/**
 * A link that gives a room the past: topics by the player, terminals by their recordings. It never subscribes to the
 * engine, and whatever acts, or would show the present, is refused here and does not reach the engine.
 */
export function createReplayLink(live: RoomLink, player: Player, noPast: (name: TopicName) => unknown): RoomLink {
  const terminals = createReplayTerminals(live, player);
  const stops = new Set<() => void>();

  const moment = (): string => new Date(player.store.getState().at).toISOString();

  async function call(
    name: string,
    input: unknown,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Result<unknown>> {
    switch (name) {
      case 'terminals.attach':
        return terminals.attach((input as { readonly terminalId: string }).terminalId);
      case 'terminals.resize':
        // A recorded terminal has the size it had.
        return ok({});
      case 'merges.detail': {
        const { id } = input as { readonly id: number };
        return live.call('replay.merge', { id, at: moment() });
      }
      case 'costs.overview':
        return pastCosts(input as CostOverviewInput, options);
      case 'mail.list':
        // The window of the moment shown is all there is.
        return ok({ messages: [] });
    }
    if (TIMELESS.has(name)) return live.call(name as 'timeline.page', input as never);
    const shown = timeOfDay(player.store.getState().at);
    const acts = (procedures as Readonly<Record<string, { readonly scope: string }>>)[name]?.scope !== 'read';
    return fail(
      'invalidState',
      acts
        ? `This is a replay of ${shown}: go live to act.`
        : `This is a replay of ${shown}: go live to see the present.`,
    );
  }

  /** The turns of then by the engine, the caps as the status showed them. */
  async function pastCosts(
    input: CostOverviewInput,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Result<CostOverview>> {
    const costs = await live.call('replay.costs', { ...input, at: moment() }, options);
    if (!costs.ok) return costs;
    const caps = player.states().status?.value?.governor?.caps ?? [];
    return ok({ ...costs.value, caps: [...caps], triage: null, merging: null });
  }

  return {
    state: live.state,
    // One function for every procedure: which input belongs to which is said by the caller's type alone.
    call: call as RoomLink['call'],
    openStream: (stream, sink) => terminals.open(stream, sink),
    subscribe<N extends TopicName>(name: N, listener: TopicListener<N>) {
      const deliver = listener as (state: unknown, delta: null) => void;
      let last = pastOf(player.states(), name);
      deliver(last ?? noPast(name), null);
      if (last === undefined) return () => {};
      const stop = player.onMove((states) => {
        const next = pastOf(states, name);
        if (next === last) return;
        last = next;
        deliver(next, null);
      });
      stops.add(stop);
      return () => {
        stops.delete(stop);
        stop();
      };
    },
    retryNow: live.retryNow,
    close() {
      for (const stop of stops) stop();
      stops.clear();
      terminals.dispose();
    },
  };
}
