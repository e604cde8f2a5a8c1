import { execFile } from 'node:child_process';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { AgentView } from '../../../contract/agents.ts';
import type { AttentionKind } from '../../../contract/attention.ts';
import type { RoomClient } from '../../../contract/room.ts';
import type { Clock } from '../../platform/clock.ts';
import { findPtyHost } from '../../pty-host/client.ts';
import { openStores, type Stores } from '../stores.ts';
import { createTestProject, type TestProject } from '../testEngine.ts';
import type { Fault, RoomName } from './fault.ts';
import type { Row } from './faultTable.ts';
import { judgeFault, type Limits, type Records } from './judge.ts';
import { findLosses, type Losses } from './ledger.ts';
import { type ScriptFolders, writeScriptedClis } from './scriptedCli.ts';

const run = promisify(execFile);

/** Milliseconds: short enough for a suite, long enough for a machine that is busy with other things. */
const STALE_MS = 4_000;
const ZOMBIE_MS = 8_000;
const TICK_MS = 2_000;
const SETTINGS = `  maxConcurrent: 200
  maxAgentsPerLead: 0
watchdog:
  tier0IntervalMs: ${TICK_MS}
  staleThresholdMs: ${STALE_MS}
  zombieThresholdMs: ${ZOMBIE_MS}
  nudgeIntervalMs: 1000
controlRoom:
  maxTurnAttempts: 2
  acpAgents:
    ghost: [no-such-agent, --acp]
  watchdog:
    refreshMs: 1000
    loopRounds: 4
    loopMinimumMs: 1500
`;
/** Milliseconds the clock is moved. */
const JUMP_MS = 2 * 3_600_000;
const JUMPS: Readonly<Partial<Record<RoomName, number>>> = { clockAhead: JUMP_MS, clockBack: -JUMP_MS };
/** Agents slung at the same time. */
const SLUNG_AT_ONCE = 3;
/** Agents that have not come to their end yet; more than that only wait for the processors, and so does whoever looks at them. */
const UNDER_WAY = 14;
const LOOK_MS = 500;
/** A watchdog that looks less often than this finds nothing in time, however busy the machine is. */
const LONGEST_GAP_MS = 4 * TICK_MS;

export interface Played {
  readonly rows: readonly Row[];
  readonly losses: Losses;
  /** Longest time between two looks of the watchdog. */
  readonly longestGapMs: number;
}

/** Plays faults as agents of one engine, until each has ended as it must, or time is up. */
export async function playRoom(name: RoomName, faults: readonly Fault[], patienceMs: number): Promise<Played> {
  const project = await createTestProject(undefined, SETTINGS);
  const room = new FaultRoom(name, faults, project, await writeScriptedClis(project.root));
  try {
    return await room.play(Date.now() + patienceMs);
  } finally {
    await room.dispose();
  }
}

class FaultRoom {
  readonly #name: RoomName;
  readonly #faults: Fault[];
  readonly #project: TestProject;
  readonly #folders: ScriptFolders;
  readonly #asked = new Map<string, Set<AttentionKind>>();
  readonly #refusals = new Map<string, string>();
  readonly #slung = new Set<string>();
  readonly #acted = new Set<string>();
  /** Faults that ended as they must. */
  readonly #met = new Set<string>();
  readonly #mounts: string[] = [];
  #agents: Readonly<Record<string, AgentView>> = {};
  #client: RoomClient | null = null;
  #stores: Stores | null = null;
  #jumpMs = 0;
  #lastTick = 0;
  #longestGapMs = 0;
  /** While the engine restarts: since when nobody looks, and how long that took in the end. Milliseconds. */
  #downSince: number | null = null;
  #downMs = 0;
  #happened: boolean;
  /** Time is up. */
  #over = false;

  constructor(name: RoomName, faults: readonly Fault[], project: TestProject, folders: ScriptFolders) {
    this.#name = name;
    this.#faults = [...faults];
    this.#project = project;
    this.#folders = folders;
    this.#happened = name === 'steady' || name === 'quota';
  }

  get #room(): RoomClient {
    if (this.#client === null) throw new Error('the room is not open');
    return this.#client;
  }

  get #records(): Stores {
    if (this.#stores === null) throw new Error('the stores are not open');
    return this.#stores;
  }

  async play(deadline: number): Promise<Played> {
    await this.#start();
    const stores = await openStores(join(this.#project.root, '.overstory'));
    if (!stores.ok) throw new Error(stores.error.message);
    this.#stores = stores.value;
    const slinging = this.#slingAll();
    for (;;) {
      await this.#happen();
      for (const fault of this.#faults) {
        if (!this.#slung.has(fault.name) || this.#met.has(fault.name)) continue;
        await this.#act(fault);
        if (this.#judge(fault).met) this.#met.add(fault.name);
      }
      if (Date.now() > deadline) {
        this.#over = true;
        break;
      }
      if (this.#met.size < this.#faults.length || !this.#happened) {
        await delay(LOOK_MS);
        continue;
      }
      // What has ended well has to stay so until all have.
      for (const fault of this.#faults) if (!this.#judge(fault).met) this.#met.delete(fault.name);
      if (this.#met.size === this.#faults.length) break;
    }
    await slinging;
    const rows = this.#faults.map((fault) => ({ fault, judged: this.#judge(fault) }));
    const worktrees = new Map(this.#records.sessions.getAll().map((one) => [one.agentName, one.worktreePath]));
    const losses = await findLosses(this.#project.root, this.#folders, (agent) => worktrees.get(agent) ?? '/nowhere');
    return { rows, losses, longestGapMs: this.#longestGapMs };
  }

  async #start(): Promise<void> {
    const clock: Clock = { now: () => Date.now() + this.#jumpMs };
    const PATH = `${this.#folders.bin}:${process.env.PATH ?? ''}`;
    const environment = { ...process.env, PATH, OVERSTORY_REHEARSAL_PACE: '0' };
    const { client } = await this.#project.start({ clock, environment });
    this.#client = client;
    client.subscribe('agents', ({ byId }) => {
      this.#agents = byId;
    });
    this.#lastTick = 0;
    client.subscribe('status', ({ value }) => {
      const at = value?.watchdog.lastTickAt ?? null;
      const tick = at === null ? 0 : Date.parse(at);
      if (tick > 0 && this.#downSince !== null) {
        this.#downMs = Date.now() - this.#downSince;
        this.#downSince = null;
      }
      const gap = tick - this.#lastTick;
      // A jump of the clock is no gap.
      if (this.#lastTick > 0 && Math.abs(gap) < JUMP_MS / 2) this.#longestGapMs = Math.max(this.#longestGapMs, gap);
      this.#lastTick = tick;
    });
    client.subscribe('attention', ({ byId }) => {
      for (const { agent, kind } of Object.values(byId)) {
        if (agent === null) continue;
        const kinds = this.#asked.get(agent) ?? new Set();
        this.#asked.set(agent, kinds.add(kind));
      }
    });
  }

  async #slingAll(): Promise<void> {
    const waiting = [...this.#faults.keys()];
    const worker = async (): Promise<void> => {
      for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
        while (this.#slung.size - this.#met.size >= UNDER_WAY && !this.#over) await delay(LOOK_MS);
        if (!this.#over) await this.#sling(at);
      }
    };
    await Promise.all(Array.from({ length: SLUNG_AT_ONCE }, worker));
  }

  async #sling(at: number): Promise<void> {
    let fault = this.#faults[at];
    if (fault === undefined) return;
    if (fault.logDiskKb !== undefined && !(await this.#mountLogs(fault.name, fault.logDiskKb))) {
      fault = fault.instead ?? fault;
      this.#faults[at] = fault;
    }
    const { name, by, script } = fault;
    const go = join(this.#folders.scripts, `${name}.go`);
    const fifo = join(this.#folders.scripts, `${name}.fifo`);
    const preamble = `go='${go}'; fifo='${fifo}'; [ -p "$fifo" ] || mkfifo "$fifo"\n`;
    if (by !== 'rehearsal') await writeFile(join(this.#folders.scripts, `${name}.sh`), preamble + script);
    const body = by === 'rehearsal' ? `# Task\n\n\`\`\`rehearsal\n${script}\n\`\`\`\n` : '# Task\n';
    const written = await this.#room.call('tasks.writeSpec', { id: `T-${name}`, body });
    if (!written.ok) throw new Error(`${name}: ${written.error.message}`);
    const slung = await this.#room.call('agents.sling', {
      taskId: `T-${name}`,
      name,
      runtime: by,
      capability: fault.capability ?? 'builder',
      ...(fault.parent === undefined ? {} : { parent: fault.parent, depth: 1 }),
    });
    if (!slung.ok) this.#refusals.set(name, slung.error.message);
    this.#slung.add(name);
  }

  /** A disk of its own for the turn logs of an agent. @returns false where nothing may be mounted. */
  async #mountLogs(agentName: string, kilobytes: number): Promise<boolean> {
    const folder = join(this.#project.root, '.overstory', 'logs', agentName);
    await mkdir(folder, { recursive: true });
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'faults', folder]);
    } catch {
      // Only root may, and not in every container: a limit on file sizes is played instead.
      return false;
    }
    this.#mounts.push(folder);
    return true;
  }

  #recordsOf(name: string): Records {
    const { sessions, turns, watchdog } = this.#records;
    const hold = this.#agents[name]?.hold ?? null;
    return {
      state: sessions.getByName(name)?.state ?? null,
      hold,
      turns: turns.listByAgent(name, 20).toReversed(),
      actions: watchdog
        .actionsOf(name, 100)
        .filter((one) => one.mode === 'live')
        .toReversed(),
      asked: this.#asked.get(name) ?? new Set(),
      refusal: this.#refusals.get(name) ?? null,
    };
  }

  #judge(fault: Fault): Row['judged'] {
    const limits: Limits = {
      staleMs: STALE_MS,
      zombieMs: ZOMBIE_MS,
      tickMs: TICK_MS,
      longestGapMs: Math.min(this.#longestGapMs, LONGEST_GAP_MS),
      jumpMs: JUMPS[this.#name] ?? 0,
      downMs: this.#downMs,
    };
    return judgeFault(fault, this.#recordsOf(fault.name), limits);
  }

  /** What happens to the whole room, once every agent is in its turn and those that crash wait for their retry. */
  async #happen(): Promise<void> {
    if (this.#happened || this.#slung.size < this.#faults.length) return;
    const begun = this.#faults.every(({ name }) => {
      const [first] = this.#recordsOf(name).turns;
      return first !== undefined && (first.lastEventAt !== null || first.state === 'ended');
    });
    if (!begun) return;
    this.#happened = true;
    switch (this.#name) {
      case 'steady':
      case 'quota':
        return;
      case 'clockAhead':
      case 'clockBack':
        this.#jumpMs = JUMPS[this.#name] ?? 0;
        return;
      case 'engineRestarts':
        this.#downSince = Date.now();
        await this.#project.stopEngine();
        await this.#start();
        return;
      case 'hostDies': {
        const host = await findPtyHost(this.#project.root);
        if (host !== null) process.kill(host.pid, 'SIGKILL');
      }
    }
  }

  /** What is done to one agent from outside, once it has come to the place where it is to be done. */
  async #act(fault: Fault): Promise<void> {
    const { name, act } = fault;
    const waits = fault.ends.found === 'looping' || fault.ends.recovers === true;
    if (this.#acted.has(name) || (act === undefined && !waits)) return;
    const records = this.#recordsOf(name);
    if (waits) {
      const rule = fault.ends.found;
      if (records.actions.some((one) => one.rule === rule)) await this.#letGo(name);
      return;
    }
    if (act === undefined) return;
    const [first] = records.turns;
    if (act === 'freeDisk') {
      if (first?.state !== 'ended' || this.#mounts.length === 0) return;
      this.#acted.add(name);
      for (const folder of this.#mounts) await run('mount', ['-o', 'remount,size=64m', folder]);
      return;
    }
    if (act === 'reportLate') {
      if (records.state !== 'zombie') return;
      this.#acted.add(name);
      const report = {
        from: name,
        to: 'operator',
        type: 'worker_done',
        subject: 'late',
        body: 'done after all',
      } as const;
      expectOk(await this.#room.call('mail.send', report));
      return;
    }
    if (this.#agents[name]?.activity !== 'ready' && !(await this.#saidReady(first?.logDirectory))) return;
    this.#acted.add(name);
    switch (act) {
      case 'stop':
        return expectOk(await this.#room.call('agents.stop', { agentName: name }));
      case 'stopAndClean':
        expectOk(await this.#room.call('agents.stop', { agentName: name }));
        return expectOk(await this.#room.call('worktrees.remove', { agentName: name, force: true }));
      case 'takeOver':
        return expectOk(await this.#room.call('agents.takeOver', { agentName: name }));
      case 'mails':
        for (const subject of ['one', 'two', 'three'])
          expectOk(await this.#room.call('mail.send', { from: 'operator', to: name, subject, body: subject }));
        return this.#letGo(name);
    }
  }

  async #saidReady(logDirectory: string | undefined): Promise<boolean> {
    if (logDirectory === undefined) return false;
    // The turn may not have written anything yet.
    const log = await readFile(join(logDirectory, 'stdout.ndjson'), 'utf8').catch(() => '');
    return log.includes('"text":"ready"');
  }

  /** Tells a script that waits for it to go on. */
  async #letGo(name: string): Promise<void> {
    this.#acted.add(name);
    await writeFile(join(this.#folders.scripts, `${name}.go`), '');
    // Opened for both, so that nobody waits for a reader that is gone.
    const fifo = await open(join(this.#folders.scripts, `${name}.fifo`), 'r+');
    await fifo.write('go\n');
    this.#pipes.push(fifo);
  }
  readonly #pipes: Awaited<ReturnType<typeof open>>[] = [];

  async dispose(): Promise<void> {
    this.#stores?.close();
    for (const pipe of this.#pipes) await pipe.close();
    await this.#project.stopEngine();
    // Agents whose host died, and the disks of turn logs, go with the project's folder.
    await this.#project.dispose();
  }
}

function expectOk(result: { readonly ok: boolean; readonly error?: { readonly message: string } }): void {
  if (!result.ok) throw new Error(result.error?.message ?? 'refused');
}
