import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HistoryEvent, type RoomMoment, stateAt } from '../../../contract/history.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { openStores, type Stores } from '../stores.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';
import { roomNow } from './roomNow.ts';

const fence = (yaml: string): string => `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;

let project: TestProject;
let stores: Stores;
let stopSampling: () => void = () => {};
beforeEach(async () => {
  project = await createTestProject();
  const opened = await openStores(join(project.root, '.overstory'));
  if (!opened.ok) throw new Error(opened.error.message);
  stores = opened.value;
});
afterEach(async () => {
  stopSampling();
  stores.close();
  await project.dispose();
});

interface Sample {
  readonly at: number;
  readonly state: Omit<RoomMoment, 'heads'>;
}

/** Reads the stores at one moment. Nothing else of this process runs meanwhile, and the millisecond is its own. */
function sample(): Sample {
  const at = Date.now();
  const state = roomNow(stores);
  while (Date.now() === at);
  return { at, state };
}

/** Samples at random moments until stopped. */
function sampling(): { stop(): readonly Sample[] } {
  const samples: Sample[] = [];
  let timer: NodeJS.Timeout;
  const next = (): void => {
    // The sample's own millisecond has to be over on both sides.
    const entered = Date.now();
    while (Date.now() === entered);
    samples.push(sample());
    timer = setTimeout(next, Math.random() * 150);
  };
  next();
  stopSampling = () => clearTimeout(timer);
  return {
    stop() {
      clearTimeout(timer);
      return samples;
    },
  };
}

const all = (): readonly HistoryEvent[] => stores.history.between(0, Date.now() + 1_000, Number.MAX_SAFE_INTEGER);

function withoutHeads({ heads: _heads, ...rest }: RoomMoment): Omit<RoomMoment, 'heads'> {
  return rest;
}

async function writeSpec(client: RoomClient, id: string, yaml: string): Promise<void> {
  const written = await client.call('tasks.writeSpec', { id, body: fence(yaml) });
  if (!written.ok) throw new Error(written.error.message);
}

describe('the history of a real run', () => {
  it('gives the state of the stores at its end, and at every moment that was looked at on the way', async () => {
    const { client } = await project.start();
    const looking = sampling();
    await client.call('tasks.create', { id: 'T-9', title: 'Comes and goes' });
    await client.call('tasks.create', { id: 'T-1', title: 'Both parts', column: 'backlog' });
    await client.call('tasks.update', { id: 'T-1', column: 'ready', before: 'T-9' });
    await writeSpec(
      client,
      'T-1',
      'start:\n  - sling: { task: T-2, capability: builder, name: worker }\non:\n  worker_done:\n    - taskDone: all done',
    );
    await writeSpec(
      client,
      'T-2',
      'start:\n  - ask: { subject: Which way?, question: Left or right?, options: [left, right] }\n  - write: { path: way.txt, content: "{{answer}}" }\n  - commit: Choose\n  - taskDone: chosen',
    );
    await writeSpec(
      client,
      'T-3',
      'start:\n  - write: { path: b.txt, content: b }\n  - commit: B\n  - crash: { signal: SIGKILL, once: true }\n  - taskDone: survived',
    );
    await client.call('agents.sling', { taskId: 'T-1', capability: 'lead', name: 'boss' });
    await client.call('agents.sling', { taskId: 'T-3', name: 'phoenix' });
    const attention = await topicUntil(client, 'attention', (state) => Object.keys(state.byId).length > 0);
    await client.call('fleet.pause', { paused: true });
    const whilePaused = sample();
    await client.call('fleet.pause', { paused: false });
    await client.call('attention.answer', { id: Object.keys(attention.byId)[0] ?? '', answer: 'left' });
    await topicUntil(client, 'agents', (state) =>
      ['worker', 'phoenix', 'boss'].every((name) => state.byId[name]?.state === 'completed'),
    );
    await client.call('tasks.delete', { id: 'T-9' });
    const merged = await client.call('merges.run', { branch: 'overstory/worker/T-2' });
    expect(merged.ok && merged.value.results[0]?.success).toBe(true);
    const samples = looking.stop();
    const last = sample();
    const events = all();

    expect(samples.length).toBeGreaterThan(10);
    expect(new Set(samples.map((one) => JSON.stringify(one.state))).size).toBeGreaterThan(6);
    for (const { at, state } of [...samples, whilePaused, last]) {
      expect(withoutHeads(stateAt(events, at))).toEqual(state);
      // The store gives of each row only the newest event, which is enough.
      expect(stateAt(stores.history.before(at), at)).toEqual(stateAt(events, at));
    }
    expect(Object.keys(last.state.agents).sort()).toEqual(['boss', 'phoenix', 'worker']);
    expect(whilePaused.state.paused).toBe(true);
    expect(samples.some((one) => one.state.tasks['T-9'] !== undefined)).toBe(true);

    const through = await client.call('recordings.room', { at: new Date(last.at).toISOString() });
    expect(through.ok && withoutHeads(through.value)).toEqual(last.state);
  }, 180_000);

  it('knows where every branch was, and when it moved', async () => {
    const { client } = await project.start();
    const heads = async (): Promise<Record<string, string | null>> => {
      const now = await client.call('recordings.room', { at: new Date().toISOString() });
      if (!now.ok) throw new Error(now.error.message);
      return Object.fromEntries(Object.entries(now.value.heads).map(([name, head]) => [name, head.commit]));
    };
    const first = (await project.git('rev-parse', 'main')).trim();
    expect(await heads()).toEqual({ HEAD: first, main: first });
    const before = Date.now();
    await writeSpec(client, 'T-1', 'start:\n  - write: { path: a.txt, content: a }\n  - commit: A\n  - taskDone: done');
    await client.call('agents.sling', { taskId: 'T-1', name: 'a' });
    await topicUntil(client, 'agents', (state) => state.byId.a?.state === 'completed');
    await client.call('merges.run', { branch: 'overstory/a/T-1' });
    const tip = (await project.git('rev-parse', 'overstory/a/T-1')).trim();
    const main = (await project.git('rev-parse', 'main')).trim();
    expect(main).not.toBe(first);
    await expect.poll(heads).toEqual({ HEAD: main, main, 'overstory/a/T-1': tip });
    const earlier = await client.call('recordings.room', { at: new Date(before).toISOString() });
    expect(earlier.ok && earlier.value.heads.main?.commit).toBe(first);
    await project.git('checkout', '-q', '--detach', 'main');
    await project.git('branch', '-m', 'main', 'trunk');
    await expect.poll(heads).toEqual({ HEAD: main, trunk: main, 'overstory/a/T-1': tip });
  }, 180_000);
});

describe('changes past the engine', () => {
  it('of another program are events too, stored with the change or not at all', () => {
    stores.control.createTask({
      id: 'T-1',
      title: 'One',
      description: '',
      column: 'ready',
      priority: 2,
      files: ['a'],
      blockedBy: [],
    });
    const other = new Database(join(project.root, '.overstory', 'mail.db'));
    other
      .prepare(
        "INSERT INTO messages (id, from_agent, to_agent, subject, body) VALUES ('m1', 'a', 'b', 's', 'long text')",
      )
      .run();
    other.exec('BEGIN; UPDATE messages SET read = 1; ROLLBACK');
    other.close();
    const now = sample();
    expect(withoutHeads(stateAt(all(), now.at))).toEqual(now.state);
    expect(now.state.mail.m1).toMatchObject({ read: false, subject: 's' });
    expect(JSON.stringify(all())).not.toContain('long text');
  });

  it('made while the triggers were away are caught up with when an engine starts', () => {
    stores.mail.insert({ id: 'm1', from: 'a', to: 'b', subject: 's', body: 'x' });
    stores.mail.insert({ id: 'm2', from: 'a', to: 'b', subject: 's', body: 'x' });
    const other = new Database(join(project.root, '.overstory', 'mail.db'));
    for (const moment of ['insert', 'update', 'delete']) other.exec(`DROP TRIGGER ocr_history_mail_${moment}`);
    other.exec("DELETE FROM messages WHERE id = 'm1'; UPDATE messages SET read = 1 WHERE id = 'm2'");
    other.close();
    stores.history.catchUp();
    const now = sample();
    expect(withoutHeads(stateAt(all(), now.at))).toEqual(now.state);
    const count = all().length;
    stores.history.catchUp();
    expect(all()).toHaveLength(count);
  });

  it('that are too old are forgotten, but not what was still true then', async () => {
    stores.mail.insert({ id: 'm1', from: 'a', to: 'b', subject: 's', body: 'x' });
    stores.mail.markRead('m1');
    stores.control.createTask({
      id: 'T-1',
      title: 'One',
      description: '',
      column: 'ready',
      priority: 2,
      files: [],
      blockedBy: [],
    });
    stores.control.deleteTask('T-1');
    const now = sample();
    const events = all();
    expect(stores.history.forgetBefore(now.at + 1)).toBeGreaterThan(2);
    expect(all().length).toBeLessThan(events.length);
    expect(stateAt(all(), now.at)).toEqual(stateAt(events, now.at));
  });
});

it('stateAt takes events in any order, and of each row the newest that is not later', () => {
  const event = fc.record({
    second: fc.nat(20),
    key: fc.constantFrom('main', 'other'),
    commit: fc.option(fc.constantFrom('aaaa', 'bbbb', 'cccc')),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), fc.nat(20), fc.integer(), (drafts, second, seed) => {
      const inOrder = [...drafts].sort((one, other) => one.second - other.second);
      const events = inOrder.map(
        (draft, id): HistoryEvent => ({
          id,
          at: new Date(draft.second * 1_000).toISOString(),
          kind: 'head',
          key: draft.key,
          value: draft.commit === null ? null : { commit: draft.commit, branch: null },
        }),
      );
      const expected: Record<string, unknown> = {};
      for (const one of inOrder.filter((draft) => draft.second <= second)) {
        if (one.commit === null) delete expected[one.key];
        else expected[one.key] = { commit: one.commit, branch: null };
      }
      const shuffled = [...events].sort((one, other) => ((one.id * 7 + seed) % 11) - ((other.id * 7 + seed) % 11));
      expect(stateAt(shuffled, second * 1_000).heads).toEqual(expected);
    }),
  );
});
