// A process that composes the product's engine and its browser room, and tells about itself what nobody sees from outside.
import { channel as diagnostics } from 'node:diagnostics_channel';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { roomContract } from '../../contract/room.ts';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { connectClient } from '../../contract/wire/client.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { createEngine } from '../../main/core/engine.ts';
import { deriveAttention, openQuestions } from '../../main/core/room/attentionRules.ts';
import { createRoomReader } from '../../main/core/room/roomReader.ts';
import { openStores } from '../../main/core/stores.ts';
import { nodeScheduler } from '../../main/platform/scheduler.ts';
import { startBrowserRoom } from '../../main/server/browserRoom.ts';
import { must } from '../lib/must.ts';
import { watchLoop } from './loopMonitor.ts';
import type { EngineAnswers, EngineQuestion, LoopDelay, ReadTimes } from './messages.ts';

const [projectRoot = '', pageFolder = join(import.meta.dirname, '../../dist/renderer')] = process.argv.slice(2);

/** Reads before the clock counts: an engine that has just started still compiles. */
const WARM_ROUNDS = 20;

let programs: string[] = [];
diagnostics('child_process').subscribe((message) => {
  const child = (message as { readonly process?: { readonly spawnfile?: string } }).process;
  // The name is set right after this is told.
  setImmediate(() => programs.push(child?.spawnfile ?? '?'));
});

const engine = must(await createEngine({ projectRoot, mode: 'foreground' }));
const room = must(
  await startBrowserRoom({
    rendererDirectory: pageFolder,
    port: 0,
    instanceId: engine.info.instanceId,
    onChannel: (channel, authorize) => void engine.connect(channel, authorize),
  }),
);
engine.setBrowserLink(async () => ({ ok: true, value: { url: room.link('admin') } }));

let stopLoop: (() => LoopDelay) | null = null;

async function reads(rounds: number): Promise<ReadTimes> {
  const [here, there] = createMemoryPair();
  engine.connect(there, () => 'read');
  const client = must(
    await connectClient({
      contract: roomContract,
      channel: here,
      hello: { build: PRODUCT_VERSION },
      scheduler: nodeScheduler,
    }),
  );
  const overstory = join(projectRoot, '.overstory');
  const stores = must(await openStores(overstory));
  const plainDatabase = new Database(join(overstory, 'sessions.db'), { readonly: true });
  const plainRows = plainDatabase.prepare('SELECT * FROM sessions');
  const known = must(await client.snapshot('status')).value;
  if (known === null) throw new Error('a running engine has a status');
  const reader = createRoomReader({
    stores,
    engine: () => ({ activeTurn: () => null }),
    tasks: () => [],
    merges: () => [],
    terminals: () => [],
    currentRun: () => null,
    holds: () => ({ get: () => null, all: () => new Map() }),
    governor: () => ({
      gates: () => [],
      holdOf: () => null,
      view: () => known.governor,
      fleetPaused: () => false,
    }),
    status: () => known,
  });
  const asks = openQuestions(deriveAttention(reader.attentionFacts()));
  const names = reader.agentNames();
  const [first = ''] = names;
  const times: Record<keyof ReadTimes, number[]> = { snapshot: [], rebuild: [], one: [], status: [], plain: [] };
  const take = async (way: keyof ReadTimes, work: () => unknown): Promise<void> => {
    const started = performance.now();
    await work();
    times[way].push(performance.now() - started);
  };
  for (let round = -WARM_ROUNDS; round < rounds; round += 1) {
    if (round === 0) for (const samples of Object.values(times)) samples.length = 0;
    await take('snapshot', () => client.snapshot('agents'));
    await take('rebuild', () => reader.agents(names, asks));
    await take('one', () => reader.agents([first], asks));
    await take('status', () => reader.status());
    await take('plain', () => plainRows.all());
    await new Promise((resolve) => setImmediate(resolve));
  }
  plainDatabase.close();
  stores.close();
  client.close();
  return times;
}

const answers: { readonly [Ask in keyof EngineAnswers]: (question: EngineQuestion) => Promise<EngineAnswers[Ask]> } = {
  link: async () => ({ url: room.link('admin') }),
  async loopStart() {
    stopLoop = watchLoop();
    return {};
  },
  async loopStop() {
    const stop = stopLoop ?? watchLoop();
    stopLoop = null;
    return stop();
  },
  reads: ({ rounds = 100 }) => reads(rounds),
  async spawned() {
    const since = programs;
    programs = [];
    return { programs: since };
  },
};

process.on('message', (question: EngineQuestion) => {
  answers[question.ask](question).then(
    (value) => process.send?.({ id: question.id, value }),
    (error: unknown) =>
      process.send?.({ id: question.id, error: error instanceof Error ? error.stack : String(error) }),
  );
});

let closing = false;
async function close(): Promise<void> {
  if (closing) return;
  closing = true;
  await room.close();
  await engine.close();
  process.exit(0);
}
process.on('SIGTERM', () => void close());
// The bench is gone, however it ended.
process.on('disconnect', () => void close());
process.send?.({ ready: true, info: engine.info });
