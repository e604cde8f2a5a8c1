import { describe, expect, it } from 'vitest';
import { AGENT_STATES, type AgentState } from '../../../contract/agents.ts';
import { ACTIVE_STATES, isAgentState, isTerminal, mayEnter, predecessorsOf, TERMINAL_STATES } from './transitions.ts';

/** The matrix of spec 01 §1.4 written down a second time, one row a target, in the order of FROM. */
const FROM = ['booting', 'working', 'in_turn', 'between_turns', 'stalled', 'zombie', 'completed'] as const;
const MATRIX: Readonly<Record<AgentState, string>> = {
  booting: '.......',
  working: 'xx..x..',
  in_turn: 'x.xxx..',
  between_turns: '..xxx..',
  stalled: 'xxxxx..',
  zombie: 'xxxxxx.',
  completed: 'xxxxxxx',
};

describe('transitions', () => {
  for (const target of AGENT_STATES) {
    for (const [index, from] of FROM.entries()) {
      const allowed = MATRIX[target][index] === 'x';
      it(`${from} → ${target} is ${allowed ? 'allowed' : 'refused'}`, () => {
        expect(mayEnter(from, target)).toBe(allowed);
        expect(predecessorsOf(target).includes(from)).toBe(allowed);
      });
    }
  }

  it('divides the seven states into active and terminal ones', () => {
    expect([...ACTIVE_STATES, ...TERMINAL_STATES].sort()).toEqual([...AGENT_STATES].sort());
    for (const state of AGENT_STATES) expect(isTerminal(state)).toBe(['completed', 'zombie'].includes(state));
  });

  it('knows no foreign words', () => {
    expect(isAgentState('hibernating')).toBe(false);
    expect(isTerminal('hibernating')).toBe(false);
    expect(isAgentState('in_turn')).toBe(true);
  });
});
