import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentEvidence } from '../../../contract/evidence.ts';
import { ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';
import { NO_CHANGES } from '../changes.ts';
import { DEFAULT_OWN_WATCHDOG, type OwnWatchdogSettings } from '../config/ownWatchdog.ts';
import { type Config, defaultConfig } from '../config/schema.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { openStores, type Stores } from '../stores.ts';
import type { ActiveTurn } from '../turns/activeTurn.ts';
import type { TerminalFacts } from './gather.ts';
import type { ProcessSample, ProcessTable } from './probes/processTable.ts';
import { createWatchdog, type Watchdog } from './watchdogService.ts';

/** Seconds of the tests: S = 30, Z = 120, nudges every 60. */
const LIMITS = {
  staleThresholdMs: 30_000,
  zombieThresholdMs: 120_000,
  nudgeIntervalMs: 60_000,
  tier0IntervalMs: 10_000,
};

/** A fleet of made-up agents over real stores, with a clock the test moves. For tests only. */
export interface TestRoom {
  readonly stores: Stores;
  readonly watchdog: Watchdog;
  readonly nudges: { readonly agentName: string; readonly message: string }[];
  readonly interrupted: string[];
  readonly reconciled: number[];
  readonly asked: string[];
  readonly evidence: Map<string, AgentEvidence>;
  readonly published: number[];
  /** Processes by pid; a pid that is missing is gone. */
  readonly processes: Map<number, ProcessSample>;
  readonly terminals: Map<string, TerminalFacts>;
  /** Quits the process table: it cannot be read. */
  processTable: boolean;
  answer: Result<{ readonly text: string }>;
  nudgeArrives: boolean;
  /** What ending a turn does; null ends it at once. */
  onInterrupt: (() => Promise<void>) | null;
  /** Happens while the processes are read: what is read is from before. */
  beforeProcesses: (() => Promise<void>) | null;
  readonly now: () => number;
  /** Lets seconds pass, looking every ten, as the real one does. */
  pass(seconds: number): Promise<void>;
  /** Moves the wall clock, the monotonic one, or both without a look. */
  jump(wallMs: number, monotonicMs: number): void;
  agent(name: string, more?: Partial<AgentSession>): Promise<AgentSession>;
  /** Puts an agent into a turn with a process of its own. */
  inTurn(name: string): { readonly turnId: string };
  endTurn(name: string, outcome: string): void;
  /** Its runtime announces to be silent for so many seconds. */
  announce(name: string, seconds: number): void;
  event(
    name: string,
    eventType: 'tool_start' | 'tool_end' | 'progress' | 'result' | 'custom',
    data: unknown,
    tool?: { name: string; args: unknown },
  ): void;
  session(name: string): AgentSession;
  restart(): void;
  dispose(): Promise<void>;
}

export async function createTestRoom(
  settings: Partial<Config['watchdog']> = {},
  own: Partial<OwnWatchdogSettings> = {},
): Promise<TestRoom> {
  const root = await mkdtemp(join(tmpdir(), 'watchdog-'));
  const overstory = join(root, '.overstory');
  await mkdir(overstory);
  const opened = await openStores(overstory);
  if (!opened.ok) throw new Error(opened.error.message);
  const stores = opened.value;
  const base = defaultConfig(root);
  const config = {
    ...base,
    watchdog: { ...base.watchdog, ...LIMITS, ...settings },
    controlRoom: { ...base.controlRoom, watchdog: { ...DEFAULT_OWN_WATCHDOG, loopMinimumMs: 20_000, ...own } },
  };
  // The stores take their times from the machine's clock; the test's clock starts there and only runs ahead.
  let wall = Date.now();
  let monotonic = 0;
  const turns = new Map<string, ActiveTurn>();
  let pid = 100;

  const make = (): Watchdog =>
    createWatchdog({
      clock: { now: () => wall },
      monotonic: () => monotonic,
      log: () => {},
      config: () => config,
      overstoryDirectory: overstory,
      projectRoot: root,
      stores,
      engine: {
        activeTurn: (name) => turns.get(name) ?? null,
        activeTurns: () => turns.values(),
        isBusy: (name) => turns.has(name),
        async interrupt(name) {
          room.interrupted.push(name);
          if (room.onInterrupt === null) room.endTurn(name, 'retry');
          else await room.onInterrupt();
        },
        async reconcile() {
          room.reconciled.push(wall);
        },
      },
      terminal: (name) => room.terminals.get(name) ?? null,
      endTerminal: async (name) => {
        room.interrupted.push(name);
        return ok({});
      },
      takenOver: () => false,
      held: () => null,
      asks: () => null,
      paused: () => false,
      nudge: async (agentName, message) => {
        room.nudges.push({ agentName, message });
        return ok({ delivered: room.nudgeArrives });
      },
      ask: async (agentName) => {
        room.asked.push(agentName);
        return room.answer;
      },
      wake() {},
      changes: NO_CHANGES,
      onFindings() {},
      publish(put, remove) {
        room.published.push(put.length);
        for (const one of put) room.evidence.set(one.agentName, one);
        for (const name of remove) room.evidence.delete(name);
      },
      onTick() {},
      readProcesses: async (): Promise<ProcessTable | null> => {
        const table = room.processTable ? new Map(room.processes) : null;
        await room.beforeProcesses?.();
        return table;
      },
    });

  const room: TestRoom & { watchdog: Watchdog } = {
    stores,
    watchdog: undefined as unknown as Watchdog,
    nudges: [],
    interrupted: [],
    reconciled: [],
    asked: [],
    evidence: new Map(),
    published: [],
    processes: new Map(),
    terminals: new Map(),
    processTable: true,
    answer: ok({ text: 'extend' }),
    nudgeArrives: true,
    onInterrupt: null,
    beforeProcesses: null,
    now: () => wall,
    async pass(seconds) {
      for (let left = seconds; left > 0; left -= 10) {
        wall += Math.min(10, left) * 1_000;
        monotonic += Math.min(10, left) * 1_000;
        await room.watchdog.tick();
        // Actions run beside the tick.
        await new Promise((next) => setImmediate(next));
      }
    },
    jump(wallMs, monotonicMs) {
      wall += wallMs;
      monotonic += monotonicMs;
    },
    async agent(name, more = {}) {
      const worktreePath = join(root, 'worktrees', name);
      await mkdir(join(worktreePath, '.git'), { recursive: true });
      await writeFile(join(worktreePath, '.git', 'HEAD'), 'ref: refs/heads/main\n');
      const session: AgentSession = {
        id: `session-${name}`,
        agentName: name,
        capability: 'builder',
        worktreePath,
        branchName: `overstory/${name}/T`,
        taskId: 'T',
        tmuxSession: '',
        state: 'between_turns',
        pid: null,
        parentAgent: null,
        depth: 0,
        runId: null,
        startedAt: timestamp(wall),
        lastActivity: timestamp(wall),
        escalationLevel: 0,
        stalledSince: null,
        transcriptPath: null,
        ...more,
      };
      stores.sessions.upsert(session);
      return session;
    },
    inTurn(name) {
      const turnId = `${name}-${wall}`;
      const started = stores.turns.start(
        {
          turnId,
          agentName: name,
          sessionId: `session-${name}`,
          runId: null,
          prompt: '',
          logDirectory: '',
          startedAt: timestamp(wall),
          resumeId: null,
          model: null,
        } as Parameters<Stores['turns']['start']>[0],
        (turn) => ({
          agentName: name,
          eventType: 'turn_start',
          createdAt: timestamp(wall),
          data: JSON.stringify({ turnId: turn.turnId }),
        }),
      );
      if (!started.ok) throw new Error(started.error.message);
      // A stand-in: the watchdog reads these fields and no others.
      turns.set(name, { turn: started.value, quiet: null, doing: null } as unknown as ActiveTurn);
      pid += 10;
      room.processes.set(pid, { pid, parent: 1, session: pid, startTime: String(pid), ticks: 10 });
      room.terminals.set(name, { running: true, pid, tag: turnId, bytes: 100 });
      stores.sessions.tryTransitionState(name, 'in_turn');
      return { turnId };
    },
    announce(name, seconds) {
      const active = turns.get(name);
      if (active !== undefined) active.quiet = { count: (active.quiet?.count ?? 0) + 1, forMs: seconds * 1_000 };
    },
    endTurn(name, outcome) {
      const active = turns.get(name);
      if (active === undefined) return;
      turns.delete(name);
      const terminal = room.terminals.get(name);
      if (terminal?.pid != null) room.processes.delete(terminal.pid);
      room.terminals.set(name, { running: false, pid: null, tag: active.turn.turnId, bytes: 100 });
      stores.turns.end(active.turn.turnId, {
        endedAt: timestamp(wall),
        exitCode: 0,
        signal: null,
        outcome,
        reason: null,
      });
      stores.sessions.tryTransitionState(name, 'between_turns');
    },
    event(name, eventType, data, tool) {
      stores.events.insert({
        agentName: name,
        eventType,
        toolName: tool?.name ?? null,
        toolArgs: tool === undefined ? null : JSON.stringify(tool.args),
        data: JSON.stringify(data),
        createdAt: timestamp(wall),
      });
    },
    session(name) {
      const session = stores.sessions.getByName(name);
      if (session === null) throw new Error(`no session ${name}`);
      return session;
    },
    restart() {
      room.watchdog = make();
    },
    async dispose() {
      stores.close();
      await rm(root, { recursive: true, force: true });
    },
  };
  room.watchdog = make();
  return room;
}

/** What was done about an agent, oldest first: `live nudge: nudged`. For tests only. */
export function actionsOf(room: TestRoom, name: string): string[] {
  return room.stores.watchdog
    .actionsOf(name, 50)
    .map((one) => `${one.mode} ${one.rule}: ${one.action}`)
    .reverse();
}

/** Gives an agent a log for triage to read. For tests only. */
export async function writeLog(room: TestRoom, name: string): Promise<void> {
  const folder = join(room.stores.connections.sessions.path, '..', 'logs', name, '2026-11-23T10-00-00-000Z');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'stdout.ndjson'), '{"type":"assistant"}\n');
}
