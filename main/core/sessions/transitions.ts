import { AGENT_STATES, type AgentState } from '../../../contract/agents.ts';

/**
 * From which states a guarded write may enter a state (spec 01 §1.4). `booting` is only ever written by an upsert,
 * `completed` is absorbing, a `zombie` can only be tidied up to `completed`.
 */
const PREDECESSORS: Readonly<Record<AgentState, readonly AgentState[]>> = {
  booting: [],
  working: ['booting', 'working', 'stalled'],
  in_turn: ['booting', 'in_turn', 'between_turns', 'stalled'],
  between_turns: ['in_turn', 'between_turns', 'stalled'],
  stalled: ['booting', 'working', 'in_turn', 'between_turns', 'stalled'],
  zombie: ['booting', 'working', 'in_turn', 'between_turns', 'stalled', 'zombie'],
  completed: ['booting', 'working', 'in_turn', 'between_turns', 'stalled', 'zombie', 'completed'],
};

/** States an agent never leaves by its own work (spec 01 §1.4). */
export const TERMINAL_STATES = ['completed', 'zombie'] as const satisfies readonly AgentState[];
/** States of agents that are at work or can be woken. */
export const ACTIVE_STATES = [
  'booting',
  'working',
  'in_turn',
  'between_turns',
  'stalled',
] as const satisfies readonly AgentState[];

/** States from which the target may be entered. */
export function predecessorsOf(target: AgentState): readonly AgentState[] {
  return PREDECESSORS[target];
}

/** True when a guarded write may lead from one state to the other (spec 01 §1.4). */
export function mayEnter(from: AgentState, target: AgentState): boolean {
  return PREDECESSORS[target].includes(from);
}

/** True for `completed` and `zombie`; entering one of them blanks `tmux_session`. False for unknown words. */
export function isTerminal(state: string): boolean {
  return (TERMINAL_STATES as readonly string[]).includes(state);
}

/** True when the word is one of the seven states: the column has no CHECK, so a foreign writer may have put another. */
export function isAgentState(state: string): state is AgentState {
  return (AGENT_STATES as readonly string[]).includes(state);
}
