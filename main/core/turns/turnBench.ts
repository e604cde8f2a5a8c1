import { appendFile, mkdir, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { timestamp } from '../../platform/clock.ts';
import { NO_CHANGES } from '../changes.ts';
import { createTestClock, createTestFolder, must } from '../db/testing/folder.ts';
import type { RuntimeAdapter } from '../runtimes/adapter.ts';
import { createClaudeAdapter } from '../runtimes/claude.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { testSession } from '../sessions/testSession.ts';
import { openStores, type Stores } from '../stores.ts';
import type { RunRequest, Terminals } from '../terminals/terminals.ts';
import { type AgentHolds, openAgentHolds } from './agentHolds.ts';
import { Dispatcher } from './dispatcher.ts';
import type { EndedTurn } from './settleTurn.ts';
import { TurnEngine } from './turnEngine.ts';
import type { TurnEngineOptions } from './turnEngineOptions.ts';

/** For tests: one line of claude's log. */
export const lineOf = {
  init: (sessionId: string) => ({ type: 'system', subtype: 'init', session_id: sessionId, model: 'm' }),
  text: (text: string) => ({ type: 'assistant', message: { content: [{ type: 'text', text }] } }),
  bash: (command: string, id = 't1') => ({
    type: 'assistant',
    message: { content: [{ type: 'tool_use', id, name: 'Bash', input: { command } }] },
  }),
  retry: (status: number, attempt: number, delayMs = 1_000) => ({
    type: 'system',
    subtype: 'api_retry',
    attempt,
    max_retries: 6,
    retry_delay_ms: delayMs,
    error_status: status,
    error: status === 401 ? 'authentication_failed' : 'overloaded',
  }),
  result: (sessionId: string, change: Readonly<Record<string, unknown>> = {}) => ({
    type: 'result',
    subtype: 'success',
    is_error: false,
    session_id: sessionId,
    num_turns: 1,
    result: 'ok',
    total_cost_usd: 0.5,
    usage: { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
    ...change,
  }),
} as const;

/** For tests: a process on a terminal that does what the test says. */
export interface PlayedRun {
  readonly request: RunRequest;
  /** Appends lines to the log and waits until the engine has stored them. */
  emit(...lines: readonly (object | string)[]): Promise<void>;
  /** Ends the process and waits until the turn is settled. */
  end(code: number | null, signal?: number | null): Promise<void>;
}

/** For tests: the turn engine over real stores, with processes that are played. */
export interface TurnBench {
  readonly stores: Stores;
  readonly engine: TurnEngine;
  readonly dispatcher: Dispatcher;
  readonly holds: AgentHolds;
  readonly clock: ReturnType<typeof createTestClock>;
  readonly runs: readonly PlayedRun[];
  readonly ended: readonly EndedTurn[];
  readonly logged: readonly { readonly level: string; readonly message: string }[];
  /** Ways in which terminals were asked to end something. */
  readonly terminated: readonly { readonly graceMs: number; readonly interruptMs: number | undefined }[];
  readonly directory: string;
  agent(overrides?: Partial<AgentSession>): AgentSession;
  session(agentName?: string): AgentSession;
  mail(subject: string, body?: string): string;
  /** Starts a turn and gives its process; fails when none was started. */
  turn(agentName?: string): Promise<PlayedRun>;
  /** A whole turn. */
  play(lines: readonly (object | string)[], code?: number | null, signal?: number | null): Promise<PlayedRun>;
  /** Waits until no turn runs any more. */
  settled(): Promise<void>;
  eventsOf(type: string): readonly Record<string, unknown>[];
  dispose(): Promise<void>;
}

export interface TurnBenchOptions {
  readonly maxAttempts?: number;
  readonly adapter?: Partial<RuntimeAdapter>;
  /** What starting a process says; null starts it. */
  readonly refuseRun?: () => string | null;
  /** What a process does when it is told to end; by default it ends by the signal. */
  readonly onTerminate?: (run: PlayedRun) => Promise<void>;
  readonly options?: Partial<TurnEngineOptions>;
}

export async function createTurnBench(setting: TurnBenchOptions = {}): Promise<TurnBench> {
  const folder = await createTestFolder();
  const stores = folder.keep(must(await openStores(folder.path)));
  const clock = createTestClock(Date.now());
  const runs: PlayedRun[] = [];
  const ended: EndedTurn[] = [];
  const logged: { level: string; message: string }[] = [];
  const terminated: { graceMs: number; interruptMs: number | undefined }[] = [];
  let running: { readonly tag: string; readonly run: PlayedRun } | null = null;
  const holds = openAgentHolds(stores.control, () => {});
  const adapter: RuntimeAdapter = { ...createClaudeAdapter({ uid: 1_000, environment: {} }), ...setting.adapter };

  function playedRun(request: RunRequest): PlayedRun {
    return {
      request,
      async emit(...lines) {
        const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
        await mkdir(request.files.directory, { recursive: true });
        await appendFile(request.files.stdout, `${text}\n`);
        const { size } = await stat(request.files.stdout);
        for (;;) {
          const active = engine.activeTurn(request.agentName);
          if (active === null || active.failed || active.storedTo >= size) return;
          active.poke();
          await delay(1);
        }
      },
      async end(code, signal = null) {
        const record = { pid: 1, code, signal, startedAt: '', endedAt: timestamp(clock.now()) };
        await writeFileAtomic(request.files.exit, JSON.stringify(record));
        running = null;
        await engine.onRunEnded(request.tag);
      },
    };
  }

  const terminals = {
    open: async () => ok({}),
    async run(_id: string, request: RunRequest) {
      const refusal = setting.refuseRun?.() ?? null;
      if (refusal !== null) return fail('unavailable', refusal);
      const run = playedRun(request);
      running = { tag: request.tag, run };
      runs.push(run);
      return ok({ pid: 4_711 });
    },
    feed: () => {},
    drawnTo: async () => 0,
    runState: async (_id: string, tag: string) => (running?.tag === tag ? 'running' : 'ended'),
    async terminate(_id: string, graceMs: number, interruptMs?: number) {
      terminated.push({ graceMs, interruptMs });
      const current = running?.run;
      if (current === undefined) return ok({});
      const over = setting.onTerminate?.(current) ?? current.end(null, 15);
      // As in the product, the end is told while the call is still under way.
      void over;
      await Promise.resolve();
      return ok({});
    },
  } as unknown as Terminals;

  const engine: TurnEngine = new TurnEngine({
    projectRoot: folder.path,
    overstoryDirectory: folder.path,
    clock,
    log: (level, message) => void logged.push({ level, message }),
    sessions: stores.sessions,
    mail: stores.mail,
    events: stores.events,
    turns: stores.turns,
    locks: stores.locks,
    terminals,
    holds,
    changes: NO_CHANGES,
    commandFolder: '/bin',
    environment: { PATH: '/bin' },
    maxAttempts: () => setting.maxAttempts ?? 5,
    launchFacts: async (agentName) => {
      const session = stores.sessions.getByName(agentName);
      if (session === null) return fail('notFound', `there is no agent ${agentName}`);
      const settings = { runtime: 'claude', model: null, specPath: null, files: [] };
      const files = { modelEnv: {}, settingsFile: null, systemPromptFile: null };
      return ok({ session, capability: session.capability as 'builder', settings, ...files });
    },
    adapter: () => ok(adapter),
    setReason: () => {},
    onTurnEnded: (turn) => void ended.push(turn),
    onSettled: () => {},
    ...setting.options,
  });
  const dispatcher = new Dispatcher({
    mail: stores.mail,
    sessions: stores.sessions,
    engine,
    holds,
    clock,
    log: (level, message) => void logged.push({ level, message }),
    governor: { fleetPaused: () => false, admitTurn: () => ({ release() {} }), endWaits: (_now, latest) => latest },
  });

  const bench: TurnBench = {
    stores,
    engine,
    dispatcher,
    holds,
    clock,
    runs,
    ended,
    logged,
    terminated,
    directory: folder.path,
    agent(overrides = {}) {
      const session = testSession('ann', { worktreePath: folder.path, ...overrides });
      stores.sessions.upsert(session);
      return session;
    },
    session(agentName = 'ann') {
      const session = stores.sessions.getByName(agentName);
      if (session === null) throw new Error(`no session of ${agentName}`);
      return session;
    },
    mail: (subject, body = 'do it') =>
      must(stores.mail.insert({ from: 'lead-x', to: 'ann', subject, body, type: 'dispatch' })).id,
    async turn(agentName = 'ann') {
      const before = runs.length;
      // Turns of one agent are named by their time, and time stands still here.
      clock.advance(1_000);
      await engine.start(agentName);
      const run = runs[before];
      if (run === undefined) throw new Error(`no turn was started: ${JSON.stringify(logged)}`);
      return run;
    },
    async play(lines, code = 0, signal = null) {
      const run = await bench.turn();
      if (lines.length > 0) await run.emit(...lines);
      await run.end(code, signal);
      return run;
    },
    async settled() {
      while (stores.turns.running().length > 0) await delay(1);
    },
    eventsOf: (type) =>
      stores.events
        .tail({ agentName: 'ann', limit: 500 })
        .map((event): Record<string, unknown> => ({ ...event, ...(JSON.parse(event.data ?? '{}') as object) }))
        .filter((event) => event.type === type || event.eventType === type),
    async dispose() {
      dispatcher.close();
      await engine.detach();
      await folder.dispose();
    },
  };
  return bench;
}
