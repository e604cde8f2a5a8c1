import { describe, expect, it } from 'vitest';
import { CAPABILITIES } from '../../../contract/agents.ts';
import { decideToolCall } from './guardDecision.ts';

const WORKTREE = '/home/me/project/.overstory/worktrees/b1';

function refusal(command: string, capability: string): string | null {
  const decision = decideToolCall(
    { toolName: 'Bash', input: { command }, cwd: WORKTREE },
    {
      agentName: 'b1',
      capability,
      worktree: WORKTREE,
      projectRoot: '/home/me/project',
      taskId: 'task-1',
      qualityGates: [],
      scratchFolders: ['/tmp'],
      variables: { HOME: '/home/me', PWD: WORKTREE },
      canonical: (path) => path,
    },
  );
  return decision.allow ? null : decision.reason;
}

describe('work of others, in every role’s shell', () => {
  it.each([
    'git stash',
    'git stash push -u -m wip',
    'git stash save wip',
    'git stash apply stash@{1}',
    'git stash drop',
    'git stash clear',
    'git stash branch mine',
    'git stash list',
    'git -C ../b2 stash pop',
    'git -c core.editor=true stash',
    'cd src && git stash',
    'bash -c "git stash pop"',
    'echo $(git stash pop)',
    'git update-ref -d refs/stash',
    'git update-ref -d refs/overstory/vault/b2/20261123-121439-7f3a',
    'git update-ref --stdin',
    'git update-ref -d "$REF"',
    'ov vault drop 7f3a',
    'ov vault restore 7f3a --move-head',
    'ov --project /home/me/project vault drop 7f3a',
    'ov worktree remove b2 --force',
    'npx true; ov vault drop 7f3a',
    'ov merge --accept-loss 3',
    'ov merge --accept-gates=3 --json',
    'ov --project /home/me/project merge --accept-loss 3',
    'F=--accept-loss; ov merge $F 3',
  ])('%j is refused with one line', (command) => {
    for (const capability of CAPABILITIES) {
      const reason = refusal(command, capability);
      expect(reason, capability).not.toBeNull();
      expect(reason).not.toContain('\n');
    }
  });

  it.each([
    'ov vault list',
    'ov vault snapshot b1 -m "before the rebase"',
    'ov vault diff 7f3a',
    'ov worktree list',
    'ov merge audit 3',
    'ov merge --branch "$BRANCH" --dry-run',
  ])('%j is allowed', (command) => {
    for (const capability of CAPABILITIES) expect(refusal(command, capability), capability).toBeNull();
  });

  it('a builder moves its own branch as before', () => {
    expect(refusal('git update-ref refs/heads/overstory/b1/task-1 HEAD', 'builder')).toBeNull();
  });
});
