import type { AgentEvidence } from '../../../contract/evidence.ts';
import { ProcessWatch } from './probes/processWatch.ts';

/** When a signal last changed: on the wall, for faces; in awake milliseconds, for verdicts. */
export interface Track {
  readonly value: string;
  readonly wallAt: number;
  readonly awakeAt: number;
}

/**
 * Notes what a signal shows now. Only a change moves it, so neither a jump of the wall clock nor a late look makes a
 * signal old or young. The first time, its age on the wall counts, up to `capMs`: what an engine that has just started
 * has not seen itself proves silence no further than to the first warning.
 */
export function see(
  track: Track | null,
  value: string,
  wallAt: number,
  now: { wall: number; awake: number },
  capMs: number,
): Track {
  if (track !== null) return track.value === value ? track : { value, wallAt, awakeAt: now.awake };
  return { value, wallAt, awakeAt: now.awake - Math.min(Math.max(0, now.wall - wallAt), capMs) };
}

export interface Tracks {
  process: Track | null;
  child: Track | null;
  terminal: Track | null;
  events: Track | null;
  mail: Track | null;
  git: Track | null;
}

/** What the watchdog keeps of an agent between two looks. Nothing of it outlives the engine but what the stores hold. */
export class AgentMemory {
  /** Session the memory belongs to: an agent that is started again begins anew. */
  readonly sessionId: string;
  readonly tracks: Tracks = { process: null, child: null, terminal: null, events: null, mail: null, git: null };
  readonly processes = new ProcessWatch();
  /** Run the process signals belong to (turn id or terminal). */
  runTag: string | null = null;
  /** Of the last look at the process table; null alive means that it could not be told. */
  alive: boolean | null = null;
  processCount = 0;
  /** A signal stopped its process at the last look. */
  stopped = false;
  tableRead = false;
  gitRead: 'known' | 'unknown' | 'absent' = 'absent';
  /** It works in the project folder, whose changes are not its own alone. */
  sharesFolder = false;
  mailLoaded = false;
  /** The silence its runtime announced last, and its end in milliseconds awake. */
  quiet: { readonly key: string; readonly until: number } | null = null;
  /** Mails are due and in no turn since, milliseconds awake. */
  dueSince: number | null = null;
  /** Escalation: since when stalled or looping (milliseconds awake, and wall), and how far. */
  trouble: 'stalled' | 'looping' | null = null;
  troubleAwake = 0;
  troubleWall = 0;
  level = 0;
  /** When its turn was last to be ended, milliseconds awake. */
  endedAwake = 0;
  /** Evidence the last triage was asked about: it is not asked the same again. */
  triaged: string | null = null;
  /** An action runs; no second one starts meanwhile. */
  acting = false;
  /** An action was under way when the newest look began: what that look saw may be from before it. */
  actedDuringLook = false;
  verdictKind: string | null = null;
  verdictSince = 0;
  evidence: AgentEvidence | null = null;

  constructor(sessionId: string) {
    this.sessionId = sessionId;
  }

  /** Forgets what belonged to an earlier run of a process. */
  beginRun(tag: string | null): void {
    this.runTag = tag;
    this.tracks.process = null;
    this.tracks.child = null;
    this.alive = null;
    this.processCount = 0;
    this.stopped = false;
    this.tableRead = false;
  }
}
