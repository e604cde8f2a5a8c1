import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ReplayWindow, RoomChanges } from '../../../contract/replay.ts';
import { pastBranches } from '../../../contract/replay.ts';
import type { RoomClient, RoomContract } from '../../../contract/room.ts';
import { topics } from '../../../contract/topics.ts';
import type { Topic, TopicState } from '../../../contract/wire/definition.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

const fence = (yaml: string): string => `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;

/** A cap that is never reached: how much of it is used is shown all the time. */
const SETTINGS = 'controlRoom:\n  budgets:\n    run: { turns: 500 }\n';

let project: TestProject;
beforeEach(async () => {
  project = await createTestProject(undefined, SETTINGS);
});
afterEach(() => project.dispose());

type Room = { readonly [Name in keyof RoomChanges]-?: unknown };
const TOPICS: Readonly<Record<keyof RoomChanges, Topic<unknown, unknown>>> = {
  status: topics.status,
  agents: topics.agents,
  runs: topics.runs,
  mail: topics.mail,
  tasks: topics.tasks,
  merges: topics.merges,
  attention: topics.attention,
  terminals: topics.terminals,
  timeline: topics.timeline,
  evidence: topics.evidence,
  radar: topics.radar,
  branches: pastBranches,
} as Readonly<Record<keyof RoomChanges, Topic<unknown, unknown>>>;
const NAMES = Object.keys(TOPICS) as (keyof RoomChanges)[];
const EMPTY = Object.fromEntries(NAMES.map((name) => [name, TOPICS[name].initial])) as Room;

function step(room: Room, changes: RoomChanges): Room {
  return Object.fromEntries(
    NAMES.map((name) => [
      name,
      changes[name] === undefined ? room[name] : TOPICS[name].reduce(room[name], changes[name]),
    ]),
  ) as Room;
}

const iso = (at: number): string => new Date(at).toISOString();

async function windowFrom(client: RoomClient, from: number, limit = 400, to?: number): Promise<ReplayWindow> {
  const got = await client.call('replay.window', {
    from: iso(from),
    limit,
    ...(to === undefined ? {} : { to: iso(to) }),
  });
  if (!got.ok) throw new Error(got.error.message);
  return got.value;
}

const roomAt = async (client: RoomClient, at: number): Promise<Room> =>
  step(EMPTY, (await windowFrom(client, at, 1, at)).start);

const WATCHED = ['agents', 'mail', 'tasks', 'merges', 'attention', 'timeline', 'evidence', 'radar', 'status'] as const;

/** What the costs of agents and of models were, live or at a moment, without the rates, which move with the time of asking. */
async function costs(client: RoomClient, at: number | null): Promise<unknown> {
  const answers = await Promise.all(
    (['agent', 'model'] as const).map((by) =>
      at === null ? client.call('costs.overview', { by }) : client.call('replay.costs', { by, at: iso(at) }),
    ),
  );
  return answers.map((answer) => {
    if (!answer.ok) throw new Error(answer.error.message);
    const { totals, groups, notes } = answer.value;
    // Sums of fractions depend on their order in the last digit.
    return JSON.parse(
      JSON.stringify({ totals, groups, notes }, (_key, value: unknown) =>
        typeof value === 'number' ? Number(value.toFixed(9)) : value,
      ),
    );
  });
}

/** What the live room shows of the topics that have a past. */
function watch(client: RoomClient): { now(): Partial<Record<keyof RoomContract['topics'], unknown>>; stop(): void } {
  const seen: Partial<Record<keyof RoomContract['topics'], unknown>> = {};
  const ends = WATCHED.map((name) =>
    client.subscribe(name, (state) => {
      seen[name] = state;
    }),
  );
  return { now: () => ({ ...seen }), stop: () => ends.forEach((end) => void end()) };
}

/**
 * What the watchdog and the radar said, without what is kept thinned: ages, words and counts of files. Those are looked at
 * in main/core/recordings.
 */
function said(room: Partial<Record<keyof RoomContract['topics'], unknown>>): unknown {
  const evidence = room.evidence as TopicState<RoomContract, 'evidence'> | undefined;
  const radar = (room.radar as TopicState<RoomContract, 'radar'> | undefined)?.value;
  const governor = (room.status as TopicState<RoomContract, 'status'> | undefined)?.value?.governor;
  return {
    evidence: Object.values(evidence?.byId ?? {})
      .map(({ agentName, verdict, level, signals, next }) => ({
        agentName,
        verdict,
        level,
        signals: Object.entries(signals).map(([name, signal]) => [name, signal.state]),
        next: next === null ? null : [next.rule, next.mode],
      }))
      .sort((one, other) => one.agentName.localeCompare(other.agentName)),
    radar: {
      order: radar?.order ?? [],
      pairs: radar?.pairs ?? [],
      worktrees: (radar?.worktrees ?? []).map(({ agentName, running, merged }) => ({ agentName, running, merged })),
    },
    caps: (governor?.caps ?? []).map(({ scope, id, measure, limit, level }) => ({ scope, id, measure, limit, level })),
    pauses: governor?.pauses ?? [],
  };
}

async function perform(client: RoomClient): Promise<void> {
  const write = async (id: string, yaml: string): Promise<void> => {
    const written = await client.call('tasks.writeSpec', { id, body: fence(yaml) });
    if (!written.ok) throw new Error(written.error.message);
  };
  await client.call('tasks.create', { id: 'T-2', title: 'Choose a way' });
  await write(
    'T-2',
    'start:\n  - say: I look around\n  - ask: { subject: Which way?, question: Left or right?, options: [left, right] }\n  - write: { path: way.txt, content: "{{answer}}" }\n  - commit: Choose\n  - taskDone: chosen',
  );
  await write('T-3', 'start:\n  - crash: { signal: SIGKILL }');
  await client.call('agents.sling', { taskId: 'T-2', capability: 'builder', name: 'worker' });
  await client.call('agents.sling', { taskId: 'T-3', name: 'phoenix' });
}

/** The watchdog's policy and what it did, live or at a moment. */
async function policy(client: RoomClient, at: number | null): Promise<unknown> {
  if (at !== null) {
    const then = await client.call('replay.watchdog', { at: iso(at) });
    if (!then.ok) throw new Error(then.error.message);
    return { ...then.value.policy, recent: then.value.recent };
  }
  const [rules, limits] = await Promise.all([client.call('watchdog.rules', {}), client.call('watchdog.limits', {})]);
  if (!rules.ok || !limits.ok) throw new Error('the watchdog does not answer');
  return { rules: rules.value.rules, limits: limits.value.limits, recent: rules.value.recent };
}

interface Sample {
  readonly at: number;
  readonly live: ReturnType<ReturnType<typeof watch>['now']>;
  readonly spent: unknown;
  readonly watchdog: unknown;
}

/** Fails where the past of a moment is not what the live room showed at it. */
async function showsTheSame(client: RoomClient, { at, live: shown, spent, watchdog }: Sample): Promise<void> {
  expect(await costs(client, at)).toEqual(spent);
  expect(await policy(client, at)).toEqual(watchdog);
  const past = await roomAt(client, at);
  const agents = (past.agents as TopicState<RoomContract, 'agents'>).byId;
  const now = (shown.agents as TopicState<RoomContract, 'agents'>).byId;
  expect(Object.keys(agents).sort()).toEqual(Object.keys(now).sort());
  for (const [name, agent] of Object.entries(now)) {
    const { lastEvidenceAt: _one, retry: _other, ...rest } = agent;
    expect(agents[name]?.guards).toBe(agent.guards);
    // A dead or retried agent's second line tells of its failing launch, which only the engine's memory held.
    if (agent.status === 'done' || agent.status === 'needsYou') expect(agents[name]).toMatchObject(rest);
    else expect(agents[name]).toMatchObject({ status: agent.status, state: agent.state, turnCount: agent.turnCount });
  }
  const mails = (past.mail as TopicState<RoomContract, 'mail'>).byId;
  for (const [id, mail] of Object.entries((shown.mail as TopicState<RoomContract, 'mail'>).byId)) {
    expect(mails[id]).toMatchObject({ ...mail, delivery: expect.objectContaining({ state: mail.delivery?.state }) });
  }
  const cards = (past.tasks as TopicState<RoomContract, 'tasks'>).byId;
  for (const [id, { specPath: _path, ...card }] of Object.entries(
    (shown.tasks as TopicState<RoomContract, 'tasks'>).byId,
  ))
    expect(cards[id]).toMatchObject(card);
  expect(past.merges).toEqual(shown.merges);
  expect(said(past)).toEqual(said(shown));
  // How long a call took is written onto its row when it ends; the live room told it before that.
  const items = (state: unknown): unknown[] =>
    (state as TopicState<RoomContract, 'timeline'>).items.map((item) => ({ ...item, durationMs: null }));
  expect(items(past.timeline)).toEqual(items(shown.timeline));
  const gates = (state: unknown): string[] =>
    Object.values((state as TopicState<RoomContract, 'attention'>).byId)
      .filter((item) => item.kind === 'gate')
      .map((item) => item.id);
  expect(gates(past.attention)).toEqual(gates(shown.attention));
}

it('shows each moment as the room showed it, and by changes what it shows at once', async () => {
  const { client } = await project.start();
  const began = Date.now();
  const live = watch(client);
  const samples: Sample[] = [];
  /** A moment that the live room has caught up with; it follows the stores in its own time. */
  const sample = async (): Promise<void> => {
    await expect
      .poll(
        async () => {
          const found = {
            at: Date.now(),
            live: live.now(),
            spent: await costs(client, null),
            watchdog: await policy(client, null),
          };
          await showsTheSame(client, found);
          samples.push(found);
          return true;
        },
        { interval: 150 },
      )
      .toBe(true);
  };
  await perform(client);
  const asked = await topicUntil(client, 'attention', (state) =>
    Object.values(state.byId).some((item) => item.kind === 'gate'),
  );
  await topicUntil(
    client,
    'agents',
    (state) => state.byId.worker?.status === 'needsYou' && state.byId.worker.turn === null,
  );
  await sample();
  const gate = Object.values(asked.byId).find((item) => item.kind === 'gate');
  await client.call('watchdog.setRule', { rule: 'endLoop', mode: 'off' });
  await client.call('attention.answer', { id: gate?.id ?? '', answer: 'left' });
  await topicUntil(
    client,
    'agents',
    (state) => state.byId.worker?.status === 'done' && state.byId.worker.turn === null,
  );
  await sample();
  const merged = await client.call('merges.run', { branch: 'overstory/worker/T-2' });
  expect(merged.ok && merged.value.results[0]?.success).toBe(true);
  await topicUntil(client, 'merges', (state) => Object.values(state.byId).some((one) => one.status === 'merged'));
  await sample();
  live.stop();

  expect(samples).toHaveLength(3);
  for (const one of samples) await showsTheSame(client, one);

  // However the past is cut into windows, changes lead to what a look from scratch gives.
  for (const limit of [400, 7]) {
    let room: Room | null = null;
    let position = began;
    let checked = 0;
    while (position < (samples.at(-1)?.at ?? 0)) {
      const page = await windowFrom(client, position, limit, samples.at(-1)?.at);
      expect(page.until).toBeGreaterThan(position);
      room ??= step(EMPTY, page.start);
      expect(room).toEqual(step(EMPTY, page.start));
      for (const [index, one] of page.steps.entries()) {
        room = step(room, one.changes);
        if (index % 5 !== 0 && index !== page.steps.length - 1) continue;
        const next = page.steps[index + 1]?.at ?? page.until + 1;
        if (next <= one.at) continue;
        expect({ at: one.at, room: await roomAt(client, one.at) }).toEqual({ at: one.at, room });
        checked += 1;
      }
      position = page.until;
    }
    expect(checked).toBeGreaterThan(5);
  }

  const overview = await client.call('replay.overview', {
    from: iso(began),
    to: iso(samples.at(-1)?.at ?? 0),
    parts: 20,
  });
  if (!overview.ok) throw new Error(overview.error.message);
  const marks = overview.value.marks.map((mark) => `${mark.kind}: ${mark.title}`);
  expect(marks).toContain('attention: Which way?');
  expect(marks).toContain('merge: overstory/worker/T-2 merged');
  expect(marks.filter((mark) => mark.startsWith('attention: Which way?'))).toHaveLength(1);
  expect(overview.value.density.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20);
  const heads = (await roomAt(client, samples.at(-1)?.at ?? 0)).branches as {
    readonly byId: Readonly<Record<string, { readonly commit: string | null }>>;
  };
  expect(heads.byId['overstory/worker/T-2']?.commit).toBe(
    (await project.git('rev-parse', 'overstory/worker/T-2')).trim(),
  );
}, 180_000);

it('of nothing recorded there is an empty room', async () => {
  const { client } = await project.start();
  const page = await windowFrom(
    client,
    Date.parse('2020-01-01T00:00:00.000Z'),
    400,
    Date.parse('2020-01-02T00:00:00.000Z'),
  );
  expect(page).toMatchObject({ steps: [], previousAt: null, until: Date.parse('2020-01-02T00:00:00.000Z') });
  expect(step(EMPTY, page.start)).toMatchObject({ agents: { byId: {} }, mail: { byId: {} } });
  const refused = await client.call('replay.window', { from: 'yesterday' });
  expect(refused).toMatchObject({ ok: false, error: { tag: 'validation' } });
});
