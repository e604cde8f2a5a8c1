import { describe, expect, it } from 'vitest';
import { itemText } from './itemWords.ts';

describe('words of an event', () => {
  it('a change of state is told in the words of the room', () => {
    expect(itemText({ kind: 'state', summary: 'between_turns → in_turn' })).toBe('resting → in turn');
    expect(itemText({ kind: 'state', summary: 'in_turn → zombie' })).toBe('in turn → dead');
  });
  it('what an agent says stays as it was said', () => {
    expect(itemText({ kind: 'text', summary: 'It stays in between_turns.' })).toBe('It stays in between_turns.');
  });
});
