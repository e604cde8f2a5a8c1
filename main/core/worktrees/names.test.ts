import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentName, TaskId } from '../../../contract/ids.ts';
import { branchName, chooseAgentName, leftoverOf, parseBranchName } from './names.ts';
import { parseNumstat, parseStatus, parseWorktreeList } from './parsers.ts';

const none = { active: new Set<string>(), branches: new Set<string>(), worktrees: new Set<string>() };
const numbered = (last: number) =>
  new Set(['builder-t', ...Array.from({ length: last - 1 }, (_, index) => `builder-t-${index + 2}`)]);

describe('chooseAgentName', () => {
  it.each([
    [none, 'builder-t'],
    [{ ...none, active: new Set(['builder-t']) }, 'builder-t-2'],
    [{ ...none, active: numbered(2) }, 'builder-t-3'],
    [{ ...none, branches: new Set(['overstory/builder-t/t']) }, 'builder-t-2'],
    [{ ...none, branches: new Set(['overstory/builder-t/other']) }, 'builder-t'],
    [{ ...none, worktrees: new Set(['builder-t']) }, 'builder-t-2'],
    [{ ...none, active: numbered(99) }, 'builder-t-100'],
    [{ ...none, active: numbered(100) }, 'builder-t-1700000000000'],
  ])('SP7: an automatic name skips what is taken: case %#', (taken, expected) => {
    expect(chooseAgentName('builder', 't', taken, 1_700_000_000_000)).toBe(expected);
  });

  it('always gives a valid agent name for a valid task id', () => {
    const taskId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/).filter((id) => TaskId.safeParse(id).success);
    fc.assert(
      fc.property(taskId, fc.boolean(), (id, taken) => {
        const first = chooseAgentName('orchestrator', id, none, 1_700_000_000_000);
        const name = taken ? chooseAgentName('orchestrator', id, { ...none, active: new Set([first]) }, 1) : first;
        expect(AgentName.safeParse(name).success).toBe(true);
      }),
    );
  });
});

describe('branch names', () => {
  it('round-trips and refuses others', () => {
    expect(parseBranchName(branchName('a', 'b'))).toEqual({ agentName: 'a', taskId: 'b' });
    for (const branch of ['main', 'overstory/a', 'overstory/a/b/c', 'x/a/b'])
      expect(parseBranchName(branch)).toBeNull();
  });

  it('names what a wanted name would collide with', () => {
    const taken = { branches: new Set(['overstory/a/t']), worktrees: new Set(['b']) };
    expect(leftoverOf('a', 't', taken)).toBe('branch overstory/a/t');
    expect(leftoverOf('b', 't', taken)).toBe('worktree b');
    expect(leftoverOf('c', 't', taken)).toBeNull();
  });
});

describe('git output', () => {
  it('reads worktree blocks, detached and bare ones too', () => {
    const head = 'a'.repeat(40);
    const text = `worktree /r\nbare\n\nworktree /r/with space\nHEAD ${head}\nbranch refs/heads/overstory/a/t\n\nworktree /d\nHEAD ${head}\ndetached\nlocked\n\n`;
    expect(parseWorktreeList(text)).toEqual([
      { path: '/r', head: '', branch: '' },
      { path: '/r/with space', head, branch: 'overstory/a/t' },
      { path: '/d', head, branch: '' },
    ]);
  });

  it('reads numbers, binary marks and odd names', () => {
    expect(parseNumstat('1\t2\ta\tb\0-\t-\tpic.png\0')).toEqual([
      { path: 'a\tb', added: 1, removed: 2, untracked: false },
      { path: 'pic.png', added: null, removed: null, untracked: false },
    ]);
    expect(parseStatus(' M a b\0?? c\0')).toEqual([
      { state: ' M', path: 'a b' },
      { state: '??', path: 'c' },
    ]);
  });
});
