import type { AgentState } from '../../../contract/agents.ts';
import type { Repetition } from './repetition.ts';

/** One signal at one moment. Times are milliseconds awake: a sleeping machine adds nothing (awakeClock.ts). */
export interface Reading {
  /** `absent`: there is nothing to look at. `unknown`: the probe failed, which proves nothing. */
  readonly state: 'known' | 'absent' | 'unknown';
  /** Since it last changed; meaningful only when known. */
  readonly silentMs: number;
}

/** The process tree of a running turn or terminal. `silentMs` counts since it last used the processor. */
export interface ProcessReading extends Reading {
  /** Null when that cannot be told. */
  readonly alive: boolean | null;
  /** Live processes below the agent's own. */
  readonly children: number;
  /** A child used the processor, or appeared, within the stale threshold. */
  readonly childSilentMs: number | null;
}

/** How an agent lives (spec 01 §0.1): one process a turn, a process that stays, or a terminal of its own. */
export type AgentKind = 'turns' | 'longLived' | 'terminal';

/** Everything a verdict is made of. Gathered by probes, judged by `judge`: nothing else decides. */
export interface AgentFacts {
  readonly agentName: string;
  readonly capability: string;
  readonly recorded: AgentState;
  readonly kind: AgentKind;
  readonly signals: {
    readonly process: ProcessReading;
    readonly terminal: Reading;
    readonly events: Reading;
    /** Mail the agent sent; what it is sent says nothing of it. */
    readonly mail: Reading;
    readonly git: Reading;
  };
  /** The running turn; null between turns and for kinds without turns. */
  readonly turn: {
    readonly number: number;
    /** The oldest tool call that has not ended. */
    readonly tool: { readonly name: string; readonly runningMs: number } | null;
  } | null;
  /** An announced wait of the runtime (retry, rate limit) that is not over. */
  readonly announced: { readonly reason: string; readonly leftMs: number } | null;
  /** Why no turn may start though mail is due: the fleet is paused, a quota is used up. */
  readonly held: string | null;
  /** Title of the gate or question a person has not answered. */
  readonly asks: string | null;
  /** Agents it slung that are neither done nor dead. */
  readonly liveChildren: readonly string[];
  /** Mail that is due and in no turn. */
  readonly dueMail: { readonly count: number; readonly waitingMs: number } | null;
  /** A failed turn waits for its next attempt. */
  readonly retryInMs: number | null;
  readonly loop: Repetition | null;
  /** A person works in this agent's terminal: the agent is theirs. */
  readonly takenOver: boolean;
}

/** Milliseconds (spec 01 §4.1). */
export interface Thresholds {
  readonly staleMs: number;
  readonly zombieMs: number;
}
