import type { AgentHold } from '../../../contract/agents.ts';
import type { AttentionItem } from '../../../contract/attention.ts';
import type { Collection } from '../../../contract/reducers/collection.ts';
import { parseTimestamp } from '../../platform/clock.ts';
import type { HostTerminal } from '../../pty-host/protocol.ts';
import { openQuestions } from '../room/attentionRules.ts';
import type { TerminalFacts } from './gather.ts';

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

/** Why a hold keeps an agent from its turns, in one line; one whose time is over holds nobody, nor does a person at its terminal. */
export function heldBy(hold: Pick<AgentHold, 'kind' | 'until' | 'reason'> | null, now: number): string | null {
  if (hold === null || hold.kind === 'takenOver') return null;
  return hold.until !== null && parseTimestamp(hold.until) <= now ? null : hold.reason;
}

/** A row of the pty host as evidence. */
export function terminalFacts(row: HostTerminal | undefined): TerminalFacts | null {
  if (row === undefined) return null;
  return { running: row.running, pid: row.running ? row.pid : null, tag: row.tag, bytes: row.bytes };
}
