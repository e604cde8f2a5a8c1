import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { type Collection, collectionTopic } from '../reducers/collection.ts';
import { logTopic } from '../reducers/log.ts';
import { valueTopic } from '../reducers/value.ts';
import type { Contract } from './definition.ts';
import { createManualScheduler } from './manualScheduler.ts';
import { readServerMessage, type ServerMessage } from './serverMessages.ts';
import { parseJson } from './texts.ts';
import { createTopicHub, type TopicBatch } from './topicHub.ts';
import { createTopicMirror } from './topicMirror.ts';
import { createTopicSender } from './topicSender.ts';

const contract = {
  name: 'test',
  protocol: 1,
  procedures: {},
  topics: {
    rows: collectionTopic(z.object({ id: z.string(), n: z.number() }), (row) => row.id),
    lines: logTopic(z.number(), 5),
    word: valueTopic(z.string()),
  },
} as const satisfies Contract;

const put = (id: string, n: number) => ({ put: [{ id, n }], remove: [] });

function watched() {
  const scheduler = createManualScheduler(1_000);
  const hub = createTopicHub({ contract, scheduler, validate: true });
  const batches: TopicBatch[] = [];
  hub.attach('rows', null, (batch) => batches.push(batch));
  return { scheduler, hub, batches };
}

describe('a topic hub', () => {
  it('sends the first delta at once and joins what follows within the batch time', () => {
    const { scheduler, hub, batches } = watched();
    hub.publish('rows', put('a', 1));
    expect(batches.map((batch) => batch.delta)).toEqual([put('a', 1)]);
    hub.publish('rows', put('a', 2));
    hub.publish('rows', put('b', 3));
    scheduler.advance(LIMITS.topicBatchMs - 1);
    expect(batches).toHaveLength(1);
    scheduler.advance(1);
    expect(batches[1]).toMatchObject({
      base: 1,
      seq: 2,
      delta: {
        put: [
          { id: 'a', n: 2 },
          { id: 'b', n: 3 },
        ],
      },
    });
    scheduler.advance(LIMITS.topicBatchMs);
    hub.publish('rows', put('c', 4));
    expect(batches).toHaveLength(3);
    expect(scheduler.waiting).toBe(0);
  });
  it('sends at most one batch per batch time, however many deltas come', () => {
    const { scheduler, hub, batches } = watched();
    for (let index = 0; index < 2_000; index += 1) {
      hub.publish('rows', put(`k${index % 9}`, index));
      scheduler.advance(0.5);
    }
    expect(batches.length).toBeLessThanOrEqual(1_000 / LIMITS.topicBatchMs + 2);
  });
  it('drops a delta that changes nothing', () => {
    const { hub, batches } = watched();
    hub.publish('rows', { put: [], remove: ['unknown'] });
    expect(batches).toEqual([]);
  });
  it('shows its state before it is sent', () => {
    const { hub } = watched();
    hub.publish('rows', put('a', 1));
    hub.publish('rows', put('b', 2));
    expect(Object.keys(hub.state('rows').byId)).toEqual(['a', 'b']);
  });
  it('lets a newcomer start between batches, not inside one', () => {
    const { hub, batches } = watched();
    hub.publish('rows', put('a', 1));
    hub.publish('rows', put('b', 2));
    const { catchUp } = hub.attach('rows', null, () => {});
    expect(catchUp).toEqual({ kind: 'snapshot', seq: 2, state: hub.state('rows') });
    expect(batches).toHaveLength(2);
  });
  it('replays what was missed as one delta, and says so when nothing was', () => {
    const { hub } = watched();
    for (const n of [1, 2, 3]) {
      hub.publish('rows', put('a', n));
      hub.flush();
    }
    expect(hub.attach('rows', 1, () => {}).catchUp).toEqual({ kind: 'delta', base: 1, seq: 3, delta: put('a', 3) });
    expect(hub.attach('rows', 3, () => {}).catchUp).toEqual({ kind: 'current', seq: 3 });
    expect(hub.attach('rows', 99, () => {}).catchUp.kind).toBe('snapshot');
  });
  it('keeps a bounded history: so many deltas, and so many characters', () => {
    const { hub } = watched();
    for (let n = 1; n <= LIMITS.topicHistory + 5; n += 1) {
      hub.publish('rows', put('a', n));
      hub.flush();
    }
    expect(hub.attach('rows', 4, () => {}).catchUp.kind).toBe('snapshot');
    expect(hub.attach('rows', 5, () => {}).catchUp.kind).toBe('delta');

    const { hub: heavy } = watched();
    for (let n = 1; n <= 4; n += 1) {
      heavy.publish('rows', put('x'.repeat(LIMITS.topicHistoryBytes / 3) + n, n));
      heavy.flush();
    }
    expect(heavy.attach('rows', 1, () => {}).catchUp.kind).toBe('snapshot');
    expect(heavy.attach('rows', 2, () => {}).catchUp.kind).toBe('delta');
    heavy.publish('rows', put('y'.repeat(LIMITS.topicHistoryBytes), 5));
    heavy.flush();
    expect(heavy.attach('rows', 4, () => {}).catchUp.kind).toBe('snapshot');
  });
  it('refuses a delta that breaks the contract, where it checks', () => {
    const { hub } = watched();
    expect(() => hub.publish('rows', { put: [{ id: 'a', n: 'x' as unknown as number }], remove: [] })).toThrow();
    expect(hub.state('rows').byId).toEqual({});
  });
});

/** One server and one client whose link can lose frames, fall behind and be cut, all under one clock. */
function linked() {
  const scheduler = createManualScheduler(1_000);
  const hub = createTopicHub({ contract, scheduler, validate: true });
  const mirror = createTopicMirror({ contract, scheduler, validate: true });
  const trouble: string[] = [];
  let behind = false;
  let loseNext = 0;
  let sender: ReturnType<typeof createTopicSender<typeof contract>> | null = null;

  const toClient = (text: string): void => {
    if (loseNext > 0 && text.startsWith('{"t":"delta"')) {
      loseNext -= 1;
      return;
    }
    const message: ServerMessage | null = readServerMessage(parseJson(text));
    if (message === null) throw new Error(`no message of a server: ${text}`);
    if (message.t !== 'snapshot' && message.t !== 'delta' && message.t !== 'current') return;
    const wrong = mirror.receive(message);
    if (wrong !== null) trouble.push(wrong);
  };
  const cut = (): void => {
    sender?.close();
    sender = null;
    mirror.detach();
  };
  const join = (): void => {
    if (sender !== null) return;
    const fresh = createTopicSender(contract, hub, toClient, () => behind);
    sender = fresh;
    mirror.attach('epoch', (text) => {
      const message = JSON.parse(text);
      if (message.t === 'subscribe') fresh.subscribe(message.topic, message.epoch === 'epoch' ? message.seq : null);
      else fresh.unsubscribe(message.topic);
    });
  };
  join();
  return {
    scheduler,
    hub,
    mirror,
    trouble,
    cut,
    join,
    lose(count: number) {
      loseNext = count;
    },
    fallBehind(next: boolean) {
      behind = next;
      if (!next) sender?.relief();
    },
  };
}

const key = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), key, n: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'join' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('behind' as const), on: fc.boolean() }) },
);

describe('a topic across a bad link', () => {
  it('always ends at the state of the server, and every delta told leads from one state to the next', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const link = linked();
        let folded: Collection<{ id: string; n: number }> | null = null;
        link.mirror.subscribe('rows', (state, delta) => {
          const rows = state as Collection<{ id: string; n: number }>;
          if (delta !== null && folded !== null) {
            expect(contract.topics.rows.reduce(folded, delta as ReturnType<typeof put>)).toEqual(rows);
          }
          folded = rows;
        });
        for (const each of steps) {
          switch (each.do) {
            case 'put':
              link.hub.publish('rows', put(each.key, each.n));
              break;
            case 'remove':
              link.hub.publish('rows', { put: [], remove: [each.key] });
              break;
            case 'wait':
              link.scheduler.advance(each.ms);
              break;
            case 'lose':
              link.lose(each.count);
              break;
            case 'cut':
              link.cut();
              break;
            case 'join':
              link.join();
              break;
            case 'behind':
              link.fallBehind(each.on);
              break;
          }
        }
        // The link is good again; one more delta shows up any gap that is left, the next batch closes it.
        link.lose(0);
        link.join();
        link.fallBehind(false);
        for (const last of ['last', 'very last']) {
          link.scheduler.advance(2_000);
          link.hub.publish('rows', put(last, 1));
          link.hub.flush();
        }
        expect(folded).toEqual(link.hub.state('rows'));
        expect(link.trouble).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
  it('costs a client that is behind one joined delta a topic', () => {
    const link = linked();
    const deltas: unknown[] = [];
    link.mirror.subscribe('lines', (_state, delta) => deltas.push(delta));
    link.fallBehind(true);
    for (let n = 0; n < 500; n += 1) {
      link.hub.publish('lines', { append: [n] });
      link.scheduler.advance(20);
    }
    expect(deltas).toEqual([null]);
    link.fallBehind(false);
    expect(deltas).toEqual([null, { append: [495, 496, 497, 498, 499] }]);
  });
  it('asks again when the answer to a gap is lost as well', () => {
    const link = linked();
    let state: unknown = null;
    link.mirror.subscribe('word', (next) => {
      state = next;
    });
    const say = (value: string): void => {
      link.hub.publish('word', { value });
      link.hub.flush();
    };
    link.lose(3);
    say('lost');
    say('shows the gap, is lost');
    link.scheduler.advance(5_000);
    say('lost too');
    say('shows the gap');
    expect(state).toEqual({ value: 'shows the gap' });
  });
});
