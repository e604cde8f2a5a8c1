import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalPath } from '../util/files.ts';
import { decideToolCall, type GuardPolicy } from './guardDecision.ts';
import { formatHookOutput, guardSettings, readHookInput } from './guardHooks.ts';
import { lexShell } from './guardLexer.ts';
import { readCommandLine, type ShellPlace } from './guardShell.ts';

const ROOT = '/home/me/project';
const WORKTREE = `${ROOT}/.overstory/worktrees/b1`;

const NOWHERE: ShellPlace = {
  cwd: WORKTREE,
  variables: {},
  resolve,
  isFolder: () => true,
  topFolder: () => null,
  scratch: '/tmp',
};

function policy(extra: Partial<GuardPolicy> = {}): GuardPolicy {
  return {
    agentName: 'b1',
    capability: 'builder',
    worktree: WORKTREE,
    projectRoot: ROOT,
    taskId: 'task-1',
    qualityGates: ['npm test', 'npm run lint && tsc -b'],
    scratchFolders: ['/tmp'],
    variables: { HOME: '/home/me', PWD: WORKTREE, OVERSTORY_WORKTREE_PATH: WORKTREE },
    canonical: (path) => path,
    ...extra,
  };
}

function refusal(command: string, extra: Partial<GuardPolicy> = {}): string | null {
  const decision = decideToolCall({ toolName: 'Bash', input: { command }, cwd: WORKTREE }, policy(extra));
  return decision.allow ? null : decision.reason;
}

describe('every role', () => {
  it.each([
    'git push',
    'git push origin main',
    '  git   push',
    '/usr/bin/git push',
    'git -C . push',
    'git -c user.name=x --no-pager push',
    'git -c alias.p=push p',
    'cd src && git push',
    'true; git push',
    'true&git push',
    'false || git push',
    'echo x | git push',
    '(git push)',
    '{ git push; }',
    'if true; then git push; fi',
    'while :; do git push; done',
    'for f in a b; do git push; done',
    'echo $(git push)',
    'echo "`git push`"',
    'echo "$(echo "$(git push)")"',
    'cat <(git push)',
    'bash -c "git push"',
    "sh -lc 'cd x; git push'",
    'eval git push',
    'env A=b git push',
    'A=b git push',
    'timeout 5 git push',
    'sudo -u root git push',
    'echo origin | xargs -n 1 git push',
    'nohup nice -n 5 git push &',
    'g\'i\'t p"us"h',
    'git pu\\sh',
    "git $'pu\\x73h'",
    'git push\\\n origin',
    'git \\\npush',
    'echo "a\\"; b" ; git push',
    "echo 'it' ; git push # done",
    'cat <<EOF\n$(git push)\nEOF',
    'cat <<EOF\ntext\nEOF\ngit push',
    'CMD=push; git $CMD',
    'git "$X"',
    'git reset --hard',
    'git reset HEAD~1 --hard',
    'git stash',
    'git stash pop',
    'git worktree remove ../b2',
    'git checkout -b feature',
    'git checkout -bfeature',
    'git switch -c feature',
    'git switch --create=feature',
    'git checkout -B overstory/b2/x',
    'sd close other-task',
    'bd close other-task',
    'cd x && sd close other-task',
    'sd close task-1 other-task',
    'sd update other-task --status closed',
    'sd update other-task --status=closed',
    'bash -c "$SCRIPT"',
    'echo "unclosed ; git push',
    'eval "$X"',
  ])('SP72, SP73, SP74: refuses %j', (command) => {
    for (const capability of ['builder', 'merger', 'scout', 'lead', 'coordinator']) {
      const reason = refusal(command, { capability });
      expect(reason, capability).not.toBeNull();
      expect(reason).not.toContain('\n');
    }
  });

  it.each([
    'git status',
    'git log --oneline | head -5',
    'git diff main...HEAD -- "src/a b.ts"',
    'git branch',
    'git branch --list "overstory/*"',
    'git show HEAD:src/a.ts',
    'echo "git push"',
    "echo 'git push; rm -rf /'",
    'grep -rn "git push" src',
    'ls -la # git push',
    "cat <<'EOF'\ngit push\n$(git push)\nEOF",
    'ov mail send --to lead --subject "a; git push" --body "$(cat <<\'EOF\'\nsaid: git push\nEOF\n)"',
    'npm test 2>&1 | tail -20',
    'npm test > /dev/null 2>&1',
    'npm run lint && tsc -b',
    '[[ 3 > 2 ]] && ls',
    'echo $((1 + (2 > 1)))',
    'sd close task-1',
    'sd close task-1 --reason "done with other-task"',
    'sd show other-task',
    'sd update other-task --title x',
    'case $x in a) ls;; *) pwd;; esac',
    '',
  ])('allows %j', (command) => {
    for (const capability of ['builder', 'scout', 'reviewer', 'coordinator']) {
      expect(refusal(command, { capability }), capability).toBeNull();
    }
  });

  it('SP74: names both ids, and lets any issue close where the agent has no task', () => {
    expect(refusal('sd close other-task')).toMatch(/other-task.*task-1/);
    expect(refusal('sd close other-task', { taskId: '' })).toBeNull();
  });

  it.each([
    'Task',
    'Agent',
    'TeamCreate',
    'SendMessage',
    'TaskStop',
    'AskUserQuestion',
    'EnterPlanMode',
    'EnterWorktree',
  ])('refuses the tool %s', (toolName) => {
    expect(decideToolCall({ toolName, input: {}, cwd: WORKTREE }, policy()).allow).toBe(false);
  });

  it('SP73: allows branches under its own prefix', () => {
    expect(refusal('git checkout -b overstory/b1/try')).toBeNull();
    expect(refusal('git switch -c overstory/b1/try')).toBeNull();
  });
});

describe('roles that only read', () => {
  it.each([
    'rm a',
    'sed -i s/a/b/ f',
    'sed -Ei s/a/b/ f',
    'sed --in-place=.bak s/a/b/ f',
    'echo x > f',
    'echo x>f',
    'printf x >> f',
    'cat a b > c',
    'ls &> out',
    'echo x | tee f',
    'tee < x',
    'mv a b',
    'cp a b',
    'mkdir x',
    'touch x',
    'chmod +x f',
    'vim f',
    'git merge main',
    'git checkout main',
    'git rebase main',
    'git branch -D x',
    'git branch new',
    'git diff --output=f',
    'git config user.name x',
    'npm install',
    'npm --silent i',
    'bun add left-pad',
    'node -e "1"',
    'bun --eval 1',
    'deno eval 1',
    'python3 -c "1"',
    'perl -e 1',
    'ruby -e 1',
    'find . -name x -delete',
    'find . -exec rm {} +',
    'ov status; rm -rf x',
    'ov status > f',
    'npm test; rm x',
    '$EDITOR f',
    'xargs rm < list',
    'sh -c "rm x"',
    'dd if=a of=b',
    'patch -p1 < x',
    '> f',
  ])('SP68: refuses %j', (command) => {
    for (const capability of ['scout', 'reviewer', 'lead', 'monitor']) {
      expect(refusal(command, { capability }), capability).toMatch(/cannot modify files/);
    }
  });

  it.each([
    'cat README.md',
    'cat f 2>/dev/null',
    'grep -r x .',
    'ls -la',
    'find . -name "*.ts" | wc -l',
    'echo committee members',
    'ov spec write t --body "a > b"',
    'ml prime cli',
    'node --version',
    'npm ls',
    'git blame f',
    'sed -n 1,5p f',
    'wc -l < f',
    'diff a b || true',
  ])('SP69: allows %j', (command) => {
    expect(refusal(command, { capability: 'scout' })).toBeNull();
  });

  it('SP70: lets coordinating roles commit metadata, and only them', () => {
    expect(refusal('git add a && git commit -m x', { capability: 'coordinator' })).toBeNull();
    expect(refusal('git commit -m x', { capability: 'scout' })).not.toBeNull();
    expect(refusal('git commit -m x', { capability: 'lead' })).not.toBeNull();
  });

  it('SP71: lets configured gates run even where the table would refuse them', () => {
    const extra = { capability: 'reviewer', qualityGates: ['python3 -c check'] };
    expect(refusal('python3 -c check --fast', extra)).toBeNull();
    expect(refusal('python3 -c other', extra)).not.toBeNull();
  });

  it.each(['Write', 'Edit', 'MultiEdit', 'NotebookEdit'])('refuses the tool %s and says who cannot', (toolName) => {
    const call = { toolName, input: { file_path: `${WORKTREE}/a` }, cwd: WORKTREE };
    const decision = decideToolCall(call, policy({ capability: 'lead' }));
    expect(decision.allow ? '' : decision.reason).toContain('a lead cannot modify files');
  });
});

describe('roles that write', () => {
  it.each([
    'mv a /etc/b',
    'mv /etc/passwd .',
    'rm -rf /',
    'rm -rf ../b2',
    'rm -rf src/../../b2',
    'rm -rf ~/x',
    'rm -rf "$HOME/x"',
    'rm -rf $UNKNOWN/x',
    'rm -rf "$(ov status)"',
    'cp a /etc/',
    'cp -t /etc a b',
    'cp --target-directory=/etc a',
    'cp a ../../../src/a',
    `echo x > ${ROOT}/src/a`,
    'echo x >/etc/x',
    'echo x >>~/.bashrc',
    'ls 2> /etc/x',
    'tee /etc/x < a',
    'cd / && rm -rf etc',
    'cd ..; rm -rf b2',
    'cd .. && (cd b1 && ls); rm x',
    'pushd / && touch x',
    'sed -i s/a/b/ /etc/hosts',
    'touch -- /etc/x',
    'dd if=a of=/etc/b',
    'ln -s a /etc/b',
    'rsync -a . /backup',
    'install -m 755 a /usr/bin/a',
    `cd ${ROOT} && git commit -am x`,
    `git -C ${ROOT} checkout -- .`,
    `git --work-tree=${ROOT} add .`,
    `git --git-dir ${ROOT}/.git commit -m x`,
    'sh -c "rm -rf /etc"',
    'find / -name x -delete',
    'D=/etc; rm -rf $D',
    'for f in /etc/*; do rm $f; done',
    'sudo rm -rf /etc/x',
  ])('SP67: refuses %j', (command) => {
    expect(refusal(command)).not.toBeNull();
  });

  it.each([
    'rm -rf dist',
    `rm ${WORKTREE}/a`,
    'mv a b',
    'mkdir -p src/x && touch src/x/y.ts',
    'cp /etc/hosts fixture',
    'cp ../../../src/a src/a',
    'echo x > src/a',
    'echo x > /tmp/log',
    'rm /tmp/log',
    'cat /etc/hosts > /dev/null',
    'cd src && rm a',
    'cd src && cd .. && rm a',
    '(cd / && ls); rm a',
    'cd "$OVERSTORY_WORKTREE_PATH" && rm a',
    'for f in a b; do rm "$f"; done',
    'D=dist; rm -rf "$D/x"',
    'sed -i s/a/b/ src/a',
    'git add -A && git commit -m "a; b > c"',
    'git merge main',
    'git rebase main',
    'npm install',
    'node -e "1"',
    `git -C ${ROOT} log`,
    'git commit -F - <<EOF\ntitle\n\nrm -rf /\nEOF',
  ])('SP67: allows %j', (command) => {
    expect(refusal(command)).toBeNull();
  });

  it('keeps the main checkout off limits when the project itself lies in a scratch folder', () => {
    const root = '/tmp/demo';
    const worktree = `${root}/.overstory/worktrees/b1`;
    const extra = { projectRoot: root, worktree, variables: {} };
    const decide = (command: string) =>
      decideToolCall({ toolName: 'Bash', input: { command }, cwd: worktree }, policy(extra));
    expect(decide('rm -rf /tmp/demo/src').allow).toBe(false);
    expect(decide('rm -rf /tmp/other').allow).toBe(true);
    expect(decide('rm a').allow).toBe(true);
  });

  it.each([
    ['Write', 'file_path', `${WORKTREE}/a`, true],
    ['Write', 'file_path', 'src/a', true],
    ['Edit', 'file_path', '../b2/a', false],
    ['Edit', 'file_path', `${WORKTREE}/../b2/a`, false],
    ['Edit', 'file_path', `${WORKTREE}-evil/a`, false],
    ['Write', 'file_path', `${ROOT}/src/a`, false],
    ['Write', 'file_path', '/tmp/a', false],
    ['NotebookEdit', 'notebook_path', '/etc/a', false],
    ['Write', 'other', '/etc/a', true],
  ])('SP66: %s with %s=%s', (toolName, field, path, allow) => {
    const decision = decideToolCall({ toolName, input: { [field]: path }, cwd: WORKTREE }, policy());
    expect(decision.allow).toBe(allow);
    if (!decision.allow) expect(decision.reason).toContain('PATH_BOUNDARY_VIOLATION');
  });

  describe('with links', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await realpath(await mkdtemp(join(tmpdir(), 'guards-')));
      await mkdir(join(folder, 'worktree/src'), { recursive: true });
      await symlink('/etc', join(folder, 'worktree/link'));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    it('follows them before it compares', async () => {
      const worktree = join(folder, 'worktree');
      const known = new Map<string, string>();
      for (const path of ['link/x', 'src/x'])
        known.set(resolve(worktree, path), await canonicalPath(join(worktree, path)));
      const rules = policy({
        worktree,
        projectRoot: ROOT,
        scratchFolders: [],
        canonical: (path) => known.get(path) ?? path,
      });
      const write = (path: string) =>
        decideToolCall({ toolName: 'Write', input: { file_path: path }, cwd: worktree }, rules);
      expect(write('link/x').allow).toBe(false);
      expect(write('src/x').allow).toBe(true);
    });
  });
});

describe('lead close gate', () => {
  const close = (handedOver: number, buildersDone: number, merged: boolean | null = null) =>
    refusal('sd close task-1', { capability: 'lead', leadClose: { handedOver, buildersDone, merged } });
  it.each([
    [0, 0, null, 'have not sent'],
    [1, 2, null, 'less than worker_done'],
    [2, 2, false, 'not yet merged'],
  ] as const)('SP76, SP78, SP81: refuses %i of %i, merged %s', (handed, done, merged, fragment) => {
    expect(close(handed, done, merged)).toContain(fragment);
  });
  it.each([
    [1, 0, null],
    [2, 2, true],
    [2, 2, null],
  ] as const)('SP77, SP79, SP81, SP83: allows %i of %i, merged %s', (handed, done, merged) => {
    expect(close(handed, done, merged)).toBeNull();
  });
  it('concerns leads only', () => {
    expect(refusal('sd close task-1', { leadClose: { handedOver: 0, buildersDone: 0, merged: null } })).toBeNull();
  });
});

describe('lexShell', () => {
  it('always ends, whatever it is given', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.constantFrom(
        '$(',
        ')',
        '`',
        '"',
        "'",
        '((',
        '))',
        '<<EOF\n',
        'EOF\n',
        '${',
        '}',
        '[[',
        ']]',
        '>',
        '\\',
        '\n',
        ';',
        '$((',
        "$'",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        lexShell(pieces.join(''));
      }),
      { numRuns: 500 },
    );
  });

  it('gives up on absurd nesting instead of overflowing', () => {
    for (const piece of ['$(', '(', '$((', '"$(', '${x:-'])
      expect(readCommandLine(piece.repeat(10_000), NOWHERE).problem, piece).not.toBeNull();
  });

  it('keeps words exactly as the shell would', () => {
    const [command] = readCommandLine(`a 'b c' "d e" f\\ g "h\\"i" $'j\\tk' ''`, NOWHERE).commands;
    expect(command?.name).toBe('a');
    expect(command?.args.map((word) => word.text)).toEqual(['b c', 'd e', 'f g', 'h"i', 'j\tk', '']);
  });
});

describe('hooks', () => {
  it('asks the guard before every tool that can do harm, in settings of the launch', () => {
    const settings = guardSettings('b 1', 'scout') as {
      permissions: { deny: string[] };
      hooks: { PreToolUse: Array<{ matcher: string; hooks: Array<{ command: string }> }> };
    };
    expect(Object.keys(settings.hooks)).toEqual(['PreToolUse']);
    expect(settings.hooks.PreToolUse[0]?.hooks[0]?.command).toBe("ov guard --agent 'b 1'");
    expect(settings.hooks.PreToolUse[0]?.matcher.split('|')).toEqual(
      expect.arrayContaining(['Bash', 'Write', 'Edit', 'Task']),
    );
    expect(settings.permissions.deny).toContain('Write');
    expect((guardSettings('b', 'builder') as typeof settings).permissions.deny).not.toContain('Write');
  });

  it('reads a call as JSON, quotes and all', () => {
    const input = { tool_name: 'Bash', cwd: '/w', tool_input: { command: 'echo "a" ; git push' } };
    const call = readHookInput(JSON.stringify(input), '/x');
    expect(call.ok && call.value).toEqual({ toolName: 'Bash', cwd: '/w', input: { command: 'echo "a" ; git push' } });
    for (const text of ['', '{', '[]', '{"tool_name":1}']) expect(readHookInput(text, '/x').ok).toBe(false);
  });

  it('prints nothing to allow and one JSON line to refuse', () => {
    expect(formatHookOutput({ allow: true })).toBe('');
    const output = formatHookOutput({ allow: false, reason: 'no "way"' });
    expect(JSON.parse(output)).toMatchObject({ decision: 'block', reason: 'no "way"' });
    expect(output.trim()).not.toContain('\n');
  });
});
