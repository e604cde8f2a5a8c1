import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RoomClient, type RoomContract, roomContract } from '../../contract/room.ts';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { connectClient } from '../../contract/wire/client.ts';
import type { TopicState } from '../../contract/wire/definition.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { systemClock } from '../platform/clock.ts';
import { nodeScheduler } from '../platform/scheduler.ts';
import { removeTestFolder, testFolder } from '../platform/testFolders.ts';
import { findPtyHost } from '../pty-host/client.ts';
import { initProject } from './config/init.ts';
import { createEngine, type Engine, type EngineOptions } from './engine.ts';

const run = promisify(execFile);

/** A real repository, set up for agents, with the rehearsal runtime and no pauses. For tests only. */
export interface TestProject {
  readonly root: string;
  git(...args: string[]): Promise<string>;
  /** Starts an engine in this process and a client of it. */
  start(
    extra?: Partial<Pick<EngineOptions, 'bootId' | 'clock' | 'environment' | 'onGone' | 'projectLookMs' | 'registry'>>,
  ): Promise<{ readonly engine: Engine; readonly client: RoomClient }>;
  /** Ends the newest engine; agents and terminals go on under the pty host. */
  stopEngine(): Promise<void>;
  /** Ends the pty host and whatever runs under it, as a restart of the machine does. */
  killHost(): Promise<void>;
  /** Writes a file, wherever. */
  write(path: string, content: string): Promise<void>;
  /** Ends engines, pty host and whatever runs under it, then removes everything. */
  dispose(): Promise<void>;
}

export async function createTestProject(
  files: Readonly<Record<string, string>> = { 'README.md': '# sample\n' },
  settings = '',
): Promise<TestProject> {
  const root = await testFolder('engine');
  const git = async (...args: string[]): Promise<string> => (await run('git', args, { cwd: root })).stdout;
  await git('init', '-q', '-b', 'main');
  await git('config', 'user.name', 'Test');
  await git('config', 'user.email', 'test@localhost');
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, name), content);
  await git('add', '.');
  await git('commit', '-qm', 'start');
  const done = await initProject(root, { clock: systemClock, runtime: 'rehearsal' });
  if (!done.ok) throw new Error(done.error.message);
  await writeFile(join(root, '.overstory', 'config.local.yaml'), `agents:\n  staggerDelayMs: 0\n${settings}`);
  const engines: Engine[] = [];
  return {
    root,
    git,
    async start(extra = {}) {
      const created = await createEngine({
        projectRoot: root,
        mode: 'foreground',
        environment: { ...process.env, OVERSTORY_REHEARSAL_PACE: '0' },
        hostArgs: ['--idle-exit-ms', '2000'],
        ...extra,
      });
      if (!created.ok) throw new Error(created.error.message);
      engines.push(created.value);
      const [here, there] = createMemoryPair();
      created.value.connect(there, () => 'admin');
      const client = await connectClient({
        contract: roomContract,
        channel: here,
        hello: { build: PRODUCT_VERSION },
        scheduler: nodeScheduler,
      });
      if (!client.ok) throw new Error(client.error.message);
      return { engine: created.value, client: client.value };
    },
    async stopEngine() {
      await engines.pop()?.close();
    },
    async killHost() {
      const host = await findPtyHost(root);
      if (host !== null) process.kill(host.pid, 'SIGKILL');
      while ((await findPtyHost(root)) !== null) await new Promise((resolve) => setImmediate(resolve));
    },
    write: (path, content) => writeFile(path, content),
    async dispose() {
      for (const engine of engines) await engine.close();
      const host = await findPtyHost(root);
      if (host !== null) process.kill(host.pid, 'SIGKILL');
      await removeTestFolder(root);
    },
  };
}

/** Resolves with the first state of a topic that satisfies the condition; fails with the last one after `timeoutMs`. */
export function topicUntil<N extends keyof RoomContract['topics'] & string>(
  client: RoomClient,
  topic: N,
  condition: (state: TopicState<RoomContract, N>) => boolean,
  timeoutMs = 60_000,
): Promise<TopicState<RoomContract, N>> {
  return new Promise((resolve, reject) => {
    let last: unknown = null;
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`${topic} never got there; last: ${JSON.stringify(last)}`));
    }, timeoutMs);
    const stop = client.subscribe(topic, (state) => {
      last = state;
      if (!condition(state)) return;
      clearTimeout(timer);
      // Not from within the callback of the very subscription that is being made.
      setImmediate(() => stop());
      resolve(state);
    });
  });
}
