import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Result } from '../../../contract/result.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { entryCommand } from '../../platform/entries.ts';
import { endAllOf } from '../../platform/testFolders.ts';
import { connectToLiveEngine } from '../lease/engineClient.ts';
import { type EngineInfo, findLiveEngine } from '../lease/engineInfo.ts';
import { createTestProject, type TestProject } from '../testEngine.ts';

/** What a finished command left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project whose engine runs in a process of its own, as in production. For tests only. */
export interface ChaosProject extends TestProject {
  /** Starts the background engine the way the command line does, without waiting. Gives its pid. */
  spawnEngine(): Promise<number>;
  /** The same, and waits until an engine holds the project. */
  startEngine(): Promise<EngineInfo>;
  /** SIGKILLs the engine that holds the project, if any. */
  killEngine(): Promise<void>;
  client(): Promise<RoomClient>;
  /** Runs `ov` from source in the project's folder. */
  ov(args: readonly string[], options?: OvOptions): Promise<Finished>;
}

export interface OvOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 120_000;

/** Environment of a person's shell: nothing that marks an agent. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const own = { ...process.env };
  for (const name of Object.keys(own)) if (name.startsWith('OVERSTORY_')) delete own[name];
  // Node warns on standard error while that file is being replaced; nothing here leaves the machine.
  delete own.NODE_EXTRA_CA_CERTS;
  return { ...own, OVERSTORY_REHEARSAL_PACE: '0' };
}

export async function createChaosProject(files?: Readonly<Record<string, string>>): Promise<ChaosProject> {
  const project = await createTestProject(files);
  const clients: RoomClient[] = [];

  async function killEngine(): Promise<void> {
    const info = await findLiveEngine(project.root);
    if (info === null) return;
    process.kill(info.pid, 'SIGKILL');
    await until(async () => (await findLiveEngine(project.root))?.pid !== info.pid, 'the engine did not die');
  }

  async function spawnEngine(): Promise<number> {
    const log = await open(join(project.root, '.overstory', 'logs', 'serve.log'), 'a');
    const { command, args } = entryCommand('ov');
    const child = spawn(command, [...args, 'serve', '--detached', '--project', project.root], {
      cwd: project.root,
      stdio: ['ignore', log.fd, log.fd],
      env: plainEnvironment(),
      detached: true,
    });
    await log.close();
    if (child.pid === undefined) throw new Error('the engine could not be started');
    return child.pid;
  }

  return {
    ...project,
    spawnEngine,
    async startEngine() {
      await spawnEngine();
      return until(async () => await findLiveEngine(project.root), 'the engine did not come up');
    },
    killEngine,
    async client() {
      const client = await until(async () => {
        const made: Result<RoomClient | null> = await connectToLiveEngine(project.root);
        return made.ok ? made.value : null;
      }, 'no engine answers');
      clients.push(client);
      return client;
    },
    ov(args, options = {}) {
      const { command, args: entry } = entryCommand('ov');
      const child = spawn(command, [...entry, ...args], {
        cwd: options.cwd ?? project.root,
        env: { ...plainEnvironment(), ...options.env },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
      child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
      // A command that fails early leaves its input unread.
      child.stdin.on('error', () => {});
      child.stdin.end(options.input ?? '');
      return new Promise((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (code) =>
          resolve({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }),
        );
      });
    },
    async dispose() {
      for (const client of clients) client.close();
      await killEngine();
      // Of many engines that were started at once, one that lost may still be on its way up and would take the project.
      await endAllOf(project.root);
      await project.dispose();
    },
  };
}

/** Resolves with the first truthy answer; looks every 10 ms. */
export async function until<Value>(
  look: () => Promise<Value | null | undefined | false>,
  problem: string,
  timeoutMs = PATIENCE_MS,
): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== null && value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(problem);
    await delay(10);
  }
}

/** Reproducible random numbers from 0 to 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A spec with a script in its block. */
export function specOf(yaml: string): string {
  return `# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`;
}
