import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type RoomMoment, stateAt } from '../../contract/history.ts';
import { type RoomClient, roomContract } from '../../contract/room.ts';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { connectClient } from '../../contract/wire/client.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { startDemoRun } from '../../main/core/demo/demoProject.ts';
import { TASKS } from '../../main/core/demo/demoTasks.ts';
import { createEngine } from '../../main/core/engine.ts';
import { createGit } from '../../main/core/git/git.ts';
import { readHeads } from '../../main/core/recordings/gitHeads.ts';
import { screenAt } from '../../main/core/recordings/playedScreen.ts';
import { roomNow } from '../../main/core/recordings/roomNow.ts';
import { readRecordings } from '../../main/core/recordings/segments.ts';
import { openStores } from '../../main/core/stores.ts';
import { topicUntil } from '../../main/core/testEngine.ts';
import { recordingsFolder } from '../../main/platform/castFiles.ts';
import { nodeScheduler } from '../../main/platform/scheduler.ts';
import { ensurePtyHost, findPtyHost } from '../../main/pty-host/client.ts';
import type { HostScreen } from '../../main/pty-host/protocol.ts';
import { value } from '../../main/pty-host/testHost.ts';
import { createSampleProject } from './sampleProject.ts';

/** Milliseconds between two looks, at most. */
const LOOK_MS = 150;
/** Screens compared, of all that were looked at. */
const COMPARED = 120;

it('the demo played back: every terminal and the whole room are at any second what they were', async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'demo-playback-')));
  const project = join(root, 'billing-service');
  await createSampleProject(project, async () => {});
  const engine = value(
    await createEngine({
      projectRoot: project,
      mode: 'foreground',
      environment: { ...process.env, OVERSTORY_REHEARSAL_PACE: '0' },
      hostArgs: ['--idle-exit-ms', '5000'],
    }),
  );
  const [here, there] = createMemoryPair();
  engine.connect(there, () => 'admin');
  const hello = { build: PRODUCT_VERSION };
  const client = value(await connectClient({ contract: roomContract, channel: here, hello, scheduler: nodeScheduler }));
  const host = value(await ensurePtyHost({ projectRoot: project })).client;
  const stores = value(await openStores(join(project, '.overstory')));
  try {
    const screens: { readonly id: string; readonly live: HostScreen }[] = [];
    const rooms: { readonly at: number; readonly state: Omit<RoomMoment, 'heads'> }[] = [];
    /** The moment is this look's alone: the millisecond before is over, and the next one begins before anything else runs. */
    const lookAtRoom = (): void => {
      const entered = Date.now();
      while (Date.now() === entered);
      const at = Date.now();
      const state = roomNow(stores);
      while (Date.now() === at);
      rooms.push({ at, state });
    };
    let over = false;
    const looking = (async () => {
      while (!over) {
        lookAtRoom();
        const { terminals } = value(await host.call('terminals.list', {}));
        for (const { id } of terminals)
          if (Math.random() < 0.4) screens.push({ id, live: value(await host.call('terminals.screen', { id })) });
        await delay(Math.random() * LOOK_MS);
      }
    })();

    await run(client);
    over = true;
    await looking;
    const { terminals } = value(await host.call('terminals.list', {}));
    for (const { id } of terminals) screens.push({ id, live: value(await host.call('terminals.screen', { id })) });
    lookAtRoom();

    value(await host.call('recordings.flush', { id: null }));
    const recordings = new Map((await readRecordings(recordingsFolder(project))).map((one) => [one.terminal, one]));
    expect(recordings.size).toBe(terminals.length);
    expect(recordings.size).toBeGreaterThan(8);
    const step = Math.max(1, screens.length / COMPARED);
    for (let index = 0; index < screens.length; index += step) {
      const seen = screens[Math.floor(index)];
      if (seen === undefined) break;
      const played = await screenAt(recordings.get(seen.id)?.segments ?? [], seen.live.at);
      expect({ id: seen.id, snapshot: played?.snapshot ?? '' }).toEqual({ id: seen.id, snapshot: seen.live.snapshot });
    }
    expect(new Set(screens.map((one) => one.live.snapshot)).size).toBeGreaterThan(30);

    const events = stores.history.between(0, Date.now() + 1_000, Number.MAX_SAFE_INTEGER);
    for (const { at, state } of rooms) {
      const { heads: _heads, ...past } = stateAt(events, at);
      expect(past).toEqual(state);
    }
    const last = rooms.at(-1);
    expect(Object.values(last?.state.merges ?? {}).filter((merge) => merge.status === 'merged')).toHaveLength(
      TASKS.length,
    );
    const heads = await readHeads(createGit(project));
    await expect
      .poll(async () => {
        const now = value(await client.call('recordings.room', { at: new Date().toISOString() }));
        return now.heads;
      })
      .toEqual(Object.fromEntries(heads ?? []));
  } finally {
    stores.close();
    host.close();
    client.close();
    await engine.close();
    const left = await findPtyHost(project);
    if (left !== null) process.kill(left.pid, 'SIGKILL');
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}, 240_000);

/** The demo's run to its end; its one question is answered with the first option. */
async function run(client: RoomClient): Promise<void> {
  value(await startDemoRun(client));
  const attention = await topicUntil(
    client,
    'attention',
    (state) => Object.values(state.byId).some((item) => item.options.length > 0),
    120_000,
  );
  const gate = Object.values(attention.byId).find((item) => item.options.length > 0);
  value(await client.call('attention.answer', { id: gate?.id ?? '', answer: gate?.options[0] ?? '' }));
  await topicUntil(
    client,
    'runs',
    (state) => Object.values(state.byId).some((one) => one.status === 'completed'),
    200_000,
  );
  await topicUntil(client, 'agents', (state) => Object.values(state.byId).every((agent) => agent.turn === null));
}
