import type { AgentHold, AgentState } from '../../../contract/agents.ts';
import type { AttentionKind } from '../../../contract/attention.ts';

/** How an agent's story has to end. */
export interface Ending {
  /**
   * `finished`: every turn ended cleanly. `retried`: a turn did not, and a later one ended cleanly. `held`: it waits, with
   * its way out. `dead`: given up with a reason. `stopped`: ended by the operator. `refused`: never slung.
   */
  readonly as: 'finished' | 'retried' | 'held' | 'dead' | 'stopped' | 'refused';
  /** What the watchdog must have called it on the way; a stall is also ended by it. */
  readonly found?: 'stalled' | 'looping';
  /** A stall that is found and taken back by fresh evidence, without being ended. */
  readonly recovers?: true;
  readonly hold?: AgentHold['kind'];
  /** Words of the reason: of the hold, the death, the failed turn or the refusal. */
  readonly reason?: RegExp;
  /** Kind of item in the attention queue that a person sees. */
  readonly asks?: AttentionKind;
  /** State of the session, where the ending alone does not say it. */
  readonly state?: AgentState;
}

/** Rooms: an engine of its own each, and what happens to it once all its agents are in a turn. */
export type RoomName = 'steady' | 'quota' | 'clockAhead' | 'clockBack' | 'engineRestarts' | 'hostDies';

/**
 * What is done from outside: to an agent that says "ready", to one that was given up (`reportLate`), after its first turn
 * (`freeDisk`).
 */
export type Act = 'stop' | 'stopAndClean' | 'takeOver' | 'mails' | 'reportLate' | 'freeDisk';

/** One fault, as data. */
export interface Fault {
  /** The agent's name. */
  readonly name: string;
  /** What goes wrong, for the table. */
  readonly fault: string;
  /** Runtime. `rehearsal` plays a script in YAML; `claude` and `codex` are stand-ins on the PATH that play a shell script. */
  readonly by: string;
  readonly script: string;
  readonly ends: Ending;
  /** Nothing goes wrong: whoever ends, buries or gives up this one is wrong. */
  readonly healthy?: true;
  readonly room?: RoomName;
  readonly capability?: 'builder' | 'lead' | 'scout';
  readonly parent?: string;
  readonly act?: Act;
  /** Puts the turn logs on a disk of so many kilobytes (tmpfs); where nothing can be mounted, `instead` is played. */
  readonly logDiskKb?: number;
  readonly instead?: Fault;
}

/** A row played by the rehearsal agent; `yaml` as in docs/rehearsal.md. */
export function rehearsal(name: string, fault: string, ends: Ending, yaml: string, more: Partial<Fault> = {}): Fault {
  return { name, fault, by: 'rehearsal', script: yaml, ends, ...more };
}

/** A row played by a shell script behind the name of a real CLI; its words are those of scriptedCli.ts. */
export function scripted(name: string, fault: string, ends: Ending, shell: string, more: Partial<Fault> = {}): Fault {
  return { name, fault, by: 'claude', script: shell, ends, ...more };
}

/** A healthy agent, which every watchdog must leave alone. */
export function control(name: string, what: string, shell: string, more: Partial<Fault> = {}): Fault {
  return { name, fault: what, by: 'claude', script: shell, ends: FINISHED, healthy: true, ...more };
}

export const FINISHED: Ending = { as: 'finished' };
export const retried = (reason: RegExp): Ending => ({ as: 'retried', reason });
export const dead = (reason: RegExp): Ending => ({ as: 'dead', reason });
export const held = (hold: AgentHold['kind'], reason: RegExp): Ending => ({ as: 'held', hold, reason });
/** Found stalled, ended with a snapshot, tried again and finished. */
export const STALLED: Ending = { as: 'retried', found: 'stalled', reason: /no sign of life/ };
/** Found stalled at every attempt, and given up. */
export const STALLED_FOR_GOOD: Ending = { as: 'dead', found: 'stalled', reason: /no sign of life.*gave up after 2/ };
