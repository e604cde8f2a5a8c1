import type { AgentEvidence, RuleMode, WatchdogRule } from '../../../contract/evidence.ts';
import { timestamp } from '../../platform/clock.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { AgentMemory, see } from './agentMemory.ts';
import type { EventWatch } from './eventWatch.ts';
import type { AgentFacts } from './facts.ts';
import { type Glance, gather, kindOf, type Moment, signalViews } from './gather.ts';
import { nextStep } from './ladder.ts';
import { createGitProbe } from './probes/gitProbe.ts';
import { childrenOf, type ProcessTable, treeOf } from './probes/processTable.ts';
import { findRepetition, type Repetition } from './repetition.ts';
import { judge, type Verdict } from './verdict.ts';
import type { WatchdogOptions } from './watchdogOptions.ts';

/** Files looked at in the worktree of an agent that is quiet or repeats itself, and of all of them in one look. */
const FILES_OF_ONE = 600;
const FILES_OF_ALL = 6_000;
/** Files looked at of a busy agent, and how many busy agents in one look. */
const FILES_IN_PASSING = 200;
const BUSY_AT_ONCE = 10;
/** Milliseconds the next step's time is rounded to, so that looking again alone changes nothing. */
const ROUNDED_MS = 5_000;

/** One agent as it was just seen. */
export interface Seen {
  readonly session: AgentSession;
  readonly memory: AgentMemory;
  readonly facts: AgentFacts;
  readonly verdict: Verdict;
  readonly evidence: AgentEvidence;
}

/** Looks at agents: probes, facts, verdict, evidence. It writes nothing anywhere. */
export interface Looker {
  /** Reads process table, git folders and worktrees of agents that run. */
  probe(now: Moment, monotonic: number): Promise<void>;
  /** Judges every agent by what is known now; costs no I/O but small reads of the stores. */
  look(now: Moment): readonly Seen[];
  /** An agent sent a mail. */
  sawMail(from: string, mail: { readonly id: string; readonly at: number; readonly to: string }): void;
  /** Mail came about that nobody told of: the newest of each running agent is read again. */
  forgetMail(): void;
}

export function createLooker(
  options: WatchdogOptions,
  events: EventWatch,
  modeOf: (rule: WatchdogRule) => RuleMode,
  readProcesses: () => Promise<ProcessTable | null>,
): Looker {
  const { stores } = options;
  const memories = new Map<string, AgentMemory>();
  const lastMail = new Map<string, { readonly id: string; readonly at: number; readonly to: string }>();
  const git = createGitProbe();
  let round = 0;

  function memoryOf(session: AgentSession): AgentMemory {
    let memory = memories.get(session.agentName);
    if (memory === undefined || memory.sessionId !== session.id) {
      memory = new AgentMemory(session.id);
      memories.set(session.agentName, memory);
    }
    return memory;
  }

  function limits() {
    const { staleThresholdMs, zombieThresholdMs } = options.config().watchdog;
    return { staleMs: staleThresholdMs, zombieMs: zombieThresholdMs };
  }

  /** Newest mail the agent sent: asked of the store once, then known from what is told. */
  function mailOf(agentName: string, memory: AgentMemory): Glance['lastMail'] {
    if (!memory.mailLoaded) {
      memory.mailLoaded = true;
      const [newest] = stores.mail.getAll({ from: agentName, limit: 1 });
      if (newest !== undefined)
        lastMail.set(agentName, { id: newest.id, at: Date.parse(newest.createdAt), to: newest.to });
    }
    return lastMail.get(agentName) ?? null;
  }

  function loopOf(agentName: string, running: boolean): Repetition | null {
    if (!running) return null;
    const { loopRounds, loopMinimumMs } = options.config().controlRoom.watchdog;
    const found = findRepetition(events.of(agentName).history, loopRounds);
    if (found === null) return null;
    const last = events.of(agentName).history.at(-1)?.at ?? 0;
    return last - found.since >= loopMinimumMs ? found : null;
  }

  function glanceAt(session: AgentSession, memory: AgentMemory, shared: Shared): Glance {
    const { agentName } = session;
    const active = options.engine.activeTurn(agentName);
    const terminal = options.terminal(agentName);
    const due = shared.due.get(agentName);
    return {
      session,
      turn:
        active === null
          ? null
          : {
              turnId: active.turn.turnId,
              number: active.turn.number,
              startedAt: Date.parse(active.turn.startedAt),
              quiet: active.quiet,
              doing: active.doing,
            },
      terminal,
      observed: events.of(agentName),
      lastMail: mailOf(agentName, memory),
      // Asked only where it matters: caps are counted for the answer.
      held:
        active !== null || due === undefined
          ? null
          : options.paused()
            ? 'the fleet is paused'
            : options.held(agentName),
      takenOver: options.takenOver(agentName),
      asks: options.asks(agentName),
      liveChildren: shared.children.get(agentName) ?? [],
      dueMail: due?.due ?? 0,
      retryAt: due?.nextAttemptAt == null ? null : Date.parse(due.nextAttemptAt),
      loop: loopOf(agentName, active !== null || kindOf(session) !== 'turns'),
    };
  }

  interface Shared {
    readonly due: ReadonlyMap<string, { readonly due: number; readonly nextAttemptAt: string | null }>;
    readonly children: ReadonlyMap<string, readonly string[]>;
  }

  /** What one read answers for all agents. */
  function sharedFacts(sessions: readonly AgentSession[], wall: number): Shared {
    const children = new Map<string, string[]>();
    for (const { agentName, parentAgent, state } of sessions) {
      if (parentAgent === null || state === 'completed' || state === 'zombie') continue;
      const siblings = children.get(parentAgent);
      if (siblings === undefined) children.set(parentAgent, [agentName]);
      else siblings.push(agentName);
    }
    const boxes = options.dueMail?.(wall) ?? stores.mail.dueAgents(wall);
    return { due: new Map(boxes.map((box) => [box.agentName, box] as const)), children };
  }

  function probeProcess(
    session: AgentSession,
    memory: AgentMemory,
    table: ProcessTable | null,
    tree: Trees,
    now: Moment,
    monotonic: number,
  ): void {
    const terminal = options.terminal(session.agentName);
    const turn = options.engine.activeTurn(session.agentName);
    const kind = kindOf(session);
    const tag = kind === 'turns' ? (turn?.turn.turnId ?? null) : (terminal?.tag ?? session.tmuxSession);
    if (memory.runTag !== tag) memory.beginRun(tag);
    const ours = terminal !== null && (kind !== 'turns' || terminal.tag === tag) ? terminal : null;
    const pid = ours?.pid ?? (kind === 'turns' ? null : session.pid);
    memory.tableRead = table !== null && pid !== null;
    if (table === null || pid === null) {
      // A terminal of another program, a host that is away: nothing is known of its processes.
      memory.alive = ours === null ? null : ours.running;
      return;
    }
    const family = treeOf(pid, table, tree());
    const [leader] = family;
    memory.processCount = family.length;
    memory.stopped = leader?.stopped === true;
    memory.alive = leader !== undefined && !memory.processes.isStranger(leader);
    if (leader === undefined) return;
    const { busy, childBusy } = memory.processes.look(family, monotonic);
    if (busy) memory.tracks.process = { value: String(monotonic), wallAt: now.wall, awakeAt: now.awake };
    if (childBusy) memory.tracks.child = { value: String(monotonic), wallAt: now.wall, awakeAt: now.awake };
  }

  type Trees = () => ReturnType<typeof childrenOf>;

  async function probeGit(session: AgentSession, memory: AgentMemory, files: number, now: Moment): Promise<void> {
    memory.sharesFolder = session.worktreePath === options.projectRoot;
    if (memory.sharesFolder) return;
    const times = await git.look(session.worktreePath, files);
    if (times === null) {
      memory.gitRead = 'unknown';
      return;
    }
    memory.gitRead = 'known';
    const parts = [
      ['HEAD', times.headAt],
      ['index', times.indexAt],
      ['file', times.filesAt],
    ] as const;
    const [what, at] = parts.reduce((best, part) => (part[1] > best[1] ? part : best));
    const known = memory.tracks.git;
    // Files are not looked at each time: a newest time that is older than what is known is no change.
    if (known !== null && at <= known.wallAt) return;
    const seen = see(known, `${what} ${at}`, at, now, limits().staleMs);
    // Files are first looked at when an agent has been quiet for a while: what was written long before that look is as old as
    // it is, yet never older than what was known, so that a jump of the clock makes nothing old.
    const age = Math.max(0, now.wall - at);
    memory.tracks.git = known === null ? seen : { ...seen, awakeAt: Math.max(known.awakeAt, now.awake - age) };
    forgetLoop(session.agentName, Math.max(times.headAt, times.filesAt), now);
  }

  /** A file, a commit or a mail since a repetition began: it gets somewhere. */
  function forgetLoop(agentName: string, at: number, now: Moment): void {
    const { history } = events.of(agentName);
    const first = history[0];
    if (first !== undefined && at > now.wall - (now.awake - first.at)) events.forgetHistory(agentName);
  }

  function isRunning(session: AgentSession): boolean {
    return options.engine.activeTurn(session.agentName) !== null || (kindOf(session) !== 'turns' && !isOver(session));
  }

  function evidenceOf(
    glance: Glance,
    facts: AgentFacts,
    verdict: Verdict,
    memory: AgentMemory,
    now: Moment,
  ): AgentEvidence {
    if (memory.verdictKind !== verdict.kind) {
      memory.verdictKind = verdict.kind;
      memory.verdictSince = now.wall;
    }
    const evidence: AgentEvidence = {
      agentName: facts.agentName,
      verdict: verdict.kind,
      reason: verdict.reason,
      since: timestamp(memory.verdictSince),
      signals: signalViews(glance, facts, memory, limits()),
      level: memory.trouble === null ? null : memory.level,
      next: nextOf(verdict, memory, now),
    };
    return evidence;
  }

  function nextOf(verdict: Verdict, memory: AgentMemory, now: Moment): AgentEvidence['next'] {
    const at = (inMs: number): string => timestamp(Math.ceil((now.wall + inMs) / ROUNDED_MS) * ROUNDED_MS);
    const say = (rule: WatchdogRule, action: string, inMs: number | null): AgentEvidence['next'] => ({
      rule,
      mode: modeOf(rule),
      action,
      at: inMs === null ? null : at(inMs),
    });
    if (verdict.kind === 'healthy' || verdict.kind === 'waiting')
      return verdict.worseInMs === null ? null : say('stalled', 'called stalled if nothing changes', verdict.worseInMs);
    if (verdict.kind !== 'stalled' && verdict.kind !== 'looping') return null;
    const { nudgeIntervalMs, maxEscalationLevel, tier1Enabled } = options.config().watchdog;
    const stalledMs = memory.trouble === null ? 0 : now.awake - memory.troubleAwake;
    const mayEnd = verdict.mayEnd || verdict.kind === 'looping';
    let step = nextStep(
      { level: memory.trouble === null ? 0 : memory.level, stalledMs },
      { nudgeIntervalMs, highest: maxEscalationLevel },
      mayEnd,
    );
    // Without tier 1 nobody is asked: the step after it is what comes.
    if (step?.step === 'triage' && !tier1Enabled)
      step = nextStep({ level: 2, stalledMs }, { nudgeIntervalMs, highest: maxEscalationLevel }, mayEnd);
    switch (step?.step) {
      case 'nudge':
        return say('nudge', 'a nudge by mail', step.inMs);
      case 'triage':
        return say('triage', 'a model is asked', step.inMs);
      case 'end':
        return say(
          verdict.kind === 'looping' ? 'endLoop' : 'endTurn',
          'its turn is ended, with a snapshot before, and tried again',
          step.inMs,
        );
      default:
        return null;
    }
  }

  return {
    async probe(now, monotonic) {
      await events.read(now.awake);
      const running = stores.sessions.getAll().filter(isRunning);
      for (const session of running) {
        const memory = memoryOf(session);
        memory.actedDuringLook = memory.acting;
      }
      const table = running.length === 0 ? null : await readProcesses();
      let made: ReturnType<typeof childrenOf> | null = null;
      const trees: Trees = () => {
        made ??= childrenOf(table ?? new Map());
        return made;
      };
      let left = FILES_OF_ALL;
      const { refreshMs, loopRounds } = options.config().controlRoom.watchdog;
      // Busy agents have their files looked at in turns: enough for the panel, cheap with many.
      const rounds = Math.ceil(running.length / BUSY_AT_ONCE);
      round += 1;
      for (const [index, session] of running.entries()) {
        const memory = memoryOf(session);
        probeProcess(session, memory, table, trees, now, monotonic);
        const observed = events.of(session.agentName);
        const quiet = now.wall - (observed.lastAt ?? 0) > 2 * refreshMs;
        const suspect = findRepetition(observed.history, Math.max(2, Math.ceil(loopRounds / 2))) !== null;
        const turnOfIt = index % rounds === round % rounds;
        const files = quiet || suspect ? Math.min(FILES_OF_ONE, left) : turnOfIt ? Math.min(FILES_IN_PASSING, left) : 0;
        left -= files;
        await probeGit(session, memory, files, now);
      }
    },

    look(now) {
      const sessions = stores.sessions.getAll();
      const shared = sharedFacts(sessions, now.wall);
      const names = new Set(sessions.map((session) => session.agentName));
      for (const name of memories.keys()) if (!names.has(name)) memories.delete(name);
      return sessions.map((session) => {
        const memory = memoryOf(session);
        const glance = glanceAt(session, memory, shared);
        const facts = gather(glance, memory, now, limits());
        const verdict = judge(facts, limits());
        return { session, memory, facts, verdict, evidence: evidenceOf(glance, facts, verdict, memory, now) };
      });
    },

    sawMail(from, mail) {
      // Mail is told of at every step of its way; only its birth is a sign of its sender's life.
      const known = lastMail.get(from);
      if (known !== undefined && (known.id === mail.id || known.at > mail.at)) return;
      lastMail.set(from, mail);
      const memory = memories.get(from);
      if (memory !== undefined) memory.mailLoaded = true;
      events.forgetHistory(from);
    },

    forgetMail() {
      for (const [name, memory] of memories) if (options.engine.activeTurn(name) !== null) memory.mailLoaded = false;
    },
  };
}

function isOver(session: AgentSession): boolean {
  return session.state === 'completed' || session.state === 'zombie';
}
