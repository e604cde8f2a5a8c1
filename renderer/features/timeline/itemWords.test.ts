import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '../../../contract/timeline.ts';
import { timeOfDay } from '../../stores/format.ts';
import { itemText, spokenItem } from './itemWords.ts';

describe('words of an event', () => {
  it('a change of state is told in the words of the room', () => {
    expect(itemText({ kind: 'state', summary: 'between_turns → in_turn' })).toBe('resting → in turn');
    expect(itemText({ kind: 'state', summary: 'in_turn → zombie' })).toBe('in turn → dead');
  });
  it('what an agent says stays as it was said', () => {
    expect(itemText({ kind: 'text', summary: 'It stays in between_turns.' })).toBe('It stays in between_turns.');
  });
});

describe('an event as it is spoken', () => {
  const at = '2026-11-23T14:02:11.000Z';
  const item: TimelineItem = {
    id: 1,
    at,
    runId: null,
    agent: 'parser',
    kind: 'tool',
    summary: 'Bash npm test',
    to: null,
    toolName: 'Bash',
    level: 'info',
    durationMs: null,
    state: null,
  };
  it.each<[Partial<TimelineItem>, string]>([
    [{}, 'parser, tool: Bash npm test'],
    [{ kind: 'mail', to: 'lead', summary: 'question: which?' }, 'parser to lead, mail: question: which?'],
    [
      { kind: 'toolEnd', level: 'error', summary: 'failed\nagain', durationMs: 1_400 },
      'parser, failed result: failed again, 1.4 s',
    ],
    [{ kind: 'error', level: 'error', summary: 'gone' }, 'parser, error: gone'],
  ])('%o', (more, words) => {
    expect(spokenItem({ ...item, ...more })).toBe(`${timeOfDay(at)}, ${words}`);
  });
});
