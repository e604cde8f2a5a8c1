import type { SignalView } from '../../../contract/evidence.ts';
import { parseTimestamp, timestamp } from '../../platform/clock.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { type AgentMemory, see, type Track } from './agentMemory.ts';
import type { Observed } from './eventWatch.ts';
import type { AgentFacts, AgentKind, ProcessReading, Reading, Thresholds } from './facts.ts';
import type { Repetition } from './repetition.ts';

/** A terminal of the pty host, as far as it is evidence. */
export interface TerminalFacts {
  readonly running: boolean;
  readonly pid: number | null;
  readonly tag: string | null;
  /** Bytes of output since it was opened. */
  readonly bytes: number;
}

/** A running turn, as far as it is evidence. */
export interface TurnFacts {
  readonly turnId: string;
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The newest silence its runtime has announced, counted within the turn, and its length in milliseconds; null for none. */
  readonly quiet: { readonly count: number; readonly forMs: number } | null;
  readonly doing: string | null;
}

/** What is known of an agent at one moment, before it is judged. */
export interface Glance {
  readonly session: AgentSession;
  readonly turn: TurnFacts | null;
  readonly terminal: TerminalFacts | null;
  readonly observed: Observed;
  readonly lastMail: { readonly id: string; readonly at: number; readonly to: string } | null;
  readonly held: string | null;
  readonly takenOver: boolean;
  readonly asks: string | null;
  readonly liveChildren: readonly string[];
  readonly dueMail: number;
  readonly retryAt: number | null;
  readonly loop: Repetition | null;
}

export interface Moment {
  /** Milliseconds since the epoch. */
  readonly wall: number;
  /** Milliseconds awake. */
  readonly awake: number;
}

export function kindOf(session: AgentSession): AgentKind {
  if (session.tmuxSession !== '') return 'terminal';
  return session.pid === null ? 'turns' : 'longLived';
}

/** Updates an agent's memory with what is seen now, and puts the facts of a verdict together. No I/O. */
export function gather(glance: Glance, memory: AgentMemory, now: Moment, limits: Thresholds): AgentFacts {
  const { session, turn, observed } = glance;
  const { tracks } = memory;
  const kind = kindOf(session);
  const running = kind === 'turns' ? turn !== null : true;
  const started = turn?.startedAt ?? parseTimestamp(session.startedAt);
  const note = (track: Track | null, value: string, at: number): Track => see(track, value, at, now, limits.staleMs);

  if (running && tracks.process === null) tracks.process = note(null, 'started', Math.max(started, 0));
  if (glance.terminal !== null) {
    const seen = memory.tracks.terminal === null ? started : now.wall;
    tracks.terminal = note(tracks.terminal, String(glance.terminal.bytes), seen);
  }
  const eventAt = Math.max(observed.lastAt ?? 0, running ? started : 0);
  if (eventAt > 0) tracks.events = note(tracks.events, String(eventAt), eventAt);
  if (glance.lastMail !== null) tracks.mail = note(tracks.mail, glance.lastMail.id, glance.lastMail.at);
  if (glance.dueMail === 0 || turn !== null) memory.dueSince = null;
  else memory.dueSince ??= now.awake;

  const quietUntil = quietEnd(turn, memory, now);

  const reading = (track: Track | null): Reading =>
    track === null ? { state: 'absent', silentMs: 0 } : { state: 'known', silentMs: now.awake - track.awakeAt };
  const [tool] = observed.open.values();
  return {
    agentName: session.agentName,
    capability: session.capability,
    recorded: session.state,
    kind,
    signals: {
      process: processReading(glance, memory, now, running),
      terminal: terminalReading(glance, memory, now, running),
      events: sinceAnnounced(reading(tracks.events), quietUntil, now),
      mail: reading(tracks.mail),
      git: memory.gitRead === 'unknown' ? { state: 'unknown', silentMs: 0 } : reading(tracks.git),
    },
    turn:
      turn === null
        ? null
        : { number: turn.number, tool: tool === undefined ? null : { name: tool.name, runningMs: now.wall - tool.at } },
    announced:
      turn !== null && quietUntil !== null && quietUntil > now.awake
        ? { reason: turn.doing ?? 'waits for a retry', leftMs: quietUntil - now.awake }
        : null,
    held: glance.held,
    asks: glance.asks,
    liveChildren: glance.liveChildren,
    dueMail:
      memory.dueSince === null ? null : { count: glance.dueMail, waitingMs: Math.max(0, now.awake - memory.dueSince) },
    retryInMs: glance.retryAt === null ? null : glance.retryAt - now.wall,
    loop: glance.loop,
    takenOver: glance.takenOver,
  };
}

/**
 * End of the announced silence in milliseconds awake; null when none was announced. It counts from the look that first saw
 * it: neither a machine that sleeps nor a clock that is set ends it early or makes it last.
 */
function quietEnd(turn: TurnFacts | null, memory: AgentMemory, now: Moment): number | null {
  if (turn === null || turn.quiet === null) return null;
  const key = `${turn.turnId} ${turn.quiet.count}`;
  if (memory.quiet?.key !== key) memory.quiet = { key, until: now.awake + turn.quiet.forMs };
  return memory.quiet.until;
}

/** Silence that was announced counts from its end on: the runtime has to have had its chance to go on. */
function sinceAnnounced(events: Reading, quietUntil: number | null, now: Moment): Reading {
  if (events.state !== 'known' || quietUntil === null) return events;
  return { ...events, silentMs: Math.min(events.silentMs, Math.max(0, now.awake - quietUntil)) };
}

function processReading(glance: Glance, memory: AgentMemory, now: Moment, running: boolean): ProcessReading {
  const { tracks } = memory;
  const none = { children: 0, childSilentMs: null };
  if (!running) return { state: 'absent', silentMs: 0, alive: null, ...none };
  const silentMs = tracks.process === null ? 0 : now.awake - tracks.process.awakeAt;
  if (memory.alive === null || !memory.tableRead)
    return { state: 'unknown', silentMs: 0, alive: aliveByHost(glance), ...none };
  return {
    state: 'known',
    silentMs,
    alive: memory.alive,
    children: Math.max(0, memory.processCount - 1),
    childSilentMs: tracks.child === null ? null : now.awake - tracks.child.awakeAt,
  };
}

/** Before the process table was read, the pty host knows; null when it does not either. */
function aliveByHost({ terminal, turn }: Glance): boolean | null {
  if (terminal === null) return null;
  if (turn !== null && terminal.tag !== turn.turnId) return null;
  return terminal.running ? true : null;
}

function terminalReading({ terminal }: Glance, memory: AgentMemory, now: Moment, running: boolean): Reading {
  const track = memory.tracks.terminal;
  if (track !== null && (terminal !== null || !running)) return { state: 'known', silentMs: now.awake - track.awakeAt };
  // A running agent without a terminal to look at: the pty host is away, or the terminal is another program's.
  return { state: running ? 'unknown' : 'absent', silentMs: 0 };
}

/** The five signals as a face shows them: when each last changed and what was seen. Texts hold no ages, so that an
 *  unchanged agent sends nothing. */
export function signalViews(glance: Glance, facts: AgentFacts, memory: AgentMemory, limits: Thresholds) {
  const { tracks } = memory;
  const { signals } = facts;
  const view = (reading: Reading, track: Track | null, detail: string): SignalView => ({
    state: reading.state === 'known' ? (reading.silentMs <= limits.staleMs ? 'fresh' : 'quiet') : reading.state,
    at: track === null || reading.state === 'unknown' ? null : timestamp(track.wallAt),
    detail,
  });
  return {
    process: view(
      signals.process,
      signals.process.state === 'known' ? tracks.process : null,
      processWords(glance, facts, memory),
    ),
    terminal: view(
      signals.terminal,
      tracks.terminal,
      signals.terminal.state === 'unknown'
        ? 'its terminal cannot be looked at'
        : tracks.terminal === null
          ? 'no terminal yet'
          : `${Math.ceil((glance.terminal?.bytes ?? 0) / 1_000)} kB so far`,
    ),
    events: view(signals.events, tracks.events, tracks.events === null ? 'no event yet' : eventWords(glance)),
    mail: view(signals.mail, tracks.mail, glance.lastMail === null ? 'has sent none' : `to ${glance.lastMail.to}`),
    git: view(
      signals.git,
      tracks.git,
      memory.gitRead === 'unknown'
        ? 'its worktree cannot be read'
        : tracks.git === null
          ? memory.sharesFolder
            ? 'works in the project folder, which others change too'
            : 'not looked at yet'
          : `${tracks.git.value.split(' ')[0] ?? ''} changed`,
    ),
  };
}

function eventWords({ observed, turn }: Glance): string {
  // What the engine says of the turn names files within the worktree; rows name them in full.
  return turn?.doing ?? (observed.lastLabel === '' ? 'its turn began' : observed.lastLabel);
}

function processWords(glance: Glance, { signals: { process } }: AgentFacts, memory: AgentMemory): string {
  switch (process.state) {
    case 'absent':
      return 'none between turns';
    case 'unknown':
      return process.alive === true ? 'runs; its processor time is not read yet' : 'cannot be looked at';
    case 'known': {
      if (process.alive === false) return 'gone';
      const pid = glance.terminal?.pid ?? glance.session.pid;
      const below = memory.processCount - 1;
      const stopped = memory.stopped ? ', stopped by a signal' : '';
      return `pid ${pid ?? '?'}${below > 0 ? ` and ${below} below it` : ''}${stopped}`;
    }
  }
}
