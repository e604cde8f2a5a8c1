import { describe, expect, it } from 'vitest';
import { dispatchMail } from './dispatchMail.ts';

const input = { taskId: 'T-1', capability: 'builder' } as const;

describe('the dispatch mail', () => {
  it.each([
    ['the caller', 'liz', 'mum', 'liz'],
    ['else the parent', undefined, 'mum', 'mum'],
    ['else the parent, when the caller is nameless', '', 'mum', 'mum'],
    ['else orchestrator', undefined, null, 'orchestrator'],
    ['also with a nameless parent', undefined, '', 'orchestrator'],
  ])('SP25: is from %s', (_, from, parent, expected) => {
    const given = from === undefined ? input : { ...input, from };
    expect(dispatchMail(given, parent, null, 'AGENTS.md').from).toBe(expected);
  });

  it('SP25: names task, role, instruction file, and the spec or that there is none', () => {
    const told = dispatchMail(input, null, '/p/.overstory/specs/T-1.md', '.claude/CLAUDE.md');
    expect(told.subject).toBe('Dispatch: T-1');
    expect(told.body).toMatch(/builder of task T-1.*Spec file: \/p\/\.overstory\/specs\/T-1\.md.*\.claude\/CLAUDE\.md/);
    expect(dispatchMail(input, null, null, 'AGENTS.md').body).toContain('No spec file provided');
  });
});
