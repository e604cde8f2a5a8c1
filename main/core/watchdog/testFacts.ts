import type { AgentFacts, ProcessReading, Reading } from './facts.ts';

/** For tests only. A signal that last changed so many milliseconds ago. */
export function known(silentMs: number): Reading {
  return { state: 'known', silentMs };
}

export const ABSENT: Reading = { state: 'absent', silentMs: 0 };
export const UNKNOWN: Reading = { state: 'unknown', silentMs: 0 };

/** For tests only. A process that last used the processor so many milliseconds ago. */
export function running(silentMs: number, more: Partial<ProcessReading> = {}): ProcessReading {
  return { state: 'known', silentMs, alive: true, children: 0, childSilentMs: null, ...more };
}

/** For tests only. Facts of a builder whose five signals all last changed `silentMs` ago; give what differs. */
export function agentFacts(silentMs: number, more: Partial<AgentFacts> = {}): AgentFacts {
  return {
    agentName: 'a',
    capability: 'builder',
    recorded: 'in_turn',
    kind: 'turns',
    signals: {
      process: running(silentMs),
      terminal: known(silentMs),
      events: known(silentMs),
      mail: known(silentMs),
      git: known(silentMs),
    },
    turn: { number: 1, tool: null },
    announced: null,
    held: null,
    asks: null,
    liveChildren: [],
    dueMail: null,
    retryInMs: null,
    loop: null,
    takenOver: false,
    ...more,
  };
}
