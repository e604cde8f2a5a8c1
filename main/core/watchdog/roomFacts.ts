import type { AgentHold } from '../../../contract/agents.ts';
import type { AttentionItem } from '../../../contract/attention.ts';
import type { Collection } from '../../../contract/reducers/collection.ts';
import { parseTimestamp } from '../../platform/clock.ts';
import type { HostTerminal } from '../../pty-host/protocol.ts';
import { openQuestions } from '../room/attentionRules.ts';
import type { TerminalFacts } from './gather.ts';
import type { Holding } from './watchdogOptions.ts';

/** What each agent waits on a person for, derived once for each state of the attention queue. */
export function questionsOf(attention: () => Collection<AttentionItem>): (agentName: string) => string | null {
  let from: Collection<AttentionItem> | null = null;
  let asks: ReadonlyMap<string, string> = new Map();
  return (agentName) => {
    const state = attention();
    if (state !== from) {
      from = state;
      asks = openQuestions(Object.values(state.byId));
    }
    return asks.get(agentName) ?? null;
  };
}

/** A hold as the watchdog reads it; one whose time is over holds nobody. */
export function holdingOf(hold: AgentHold | null, now: number): Holding {
  if (hold === null) return { takenOver: false, reason: null };
  if (hold.kind === 'takenOver') return { takenOver: true, reason: hold.reason };
  const over = hold.until !== null && parseTimestamp(hold.until) <= now;
  return { takenOver: false, reason: over ? null : hold.reason };
}

/** A row of the pty host as evidence. */
export function terminalFacts(row: HostTerminal | undefined): TerminalFacts | null {
  if (row === undefined) return null;
  return { running: row.running, pid: row.running ? row.pid : null, tag: row.tag, bytes: row.bytes };
}
