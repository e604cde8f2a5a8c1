// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the shell's variables.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideToolCall } from './guardDecision.ts';

/** Pieces of shell that change how what follows is read. */
const PIECES = (
  "git push|git |push|'|\"|`|$(|)|{ |}|;|\n|\\|\\\n|#| |$'|${x:-|}|<<EOF\n|EOF\n|<<'EOF'\n|\nEOF\n|((|))|case x in x) |;;| esac|" +
  'echo |&&|[[ | ]]|<(|x=push|$x|eval |sh -c |env |$((|(|$"|if true; then |; fi|for x in push; do |; done|f() |<<< |bash |&|>|a|=|,|' +
  '{git,push}|\\`|\\"|export x=push;|!|-'
).split('|');

/** The folder of a shell that can run nothing but builtins, shells and a `git` that only notes a push. */
let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'guard-bash-')));
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'work'));
  // In perl, so that `bash git push`, which reads the file as a script, is no push.
  const git = `#!/usr/bin/perl\nopen(F, '>', '${folder}/pushed') if grep { $_ eq 'push' } @ARGV;\n`;
  await writeFile(join(folder, 'bin/git'), git, { mode: 0o755 });
  for (const name of ['sh', 'bash']) await symlink('/bin/bash', join(folder, 'bin', name));
  await symlink('/usr/bin/env', join(folder, 'bin/env'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function allowed(command: string): boolean {
  const worktree = join(folder, 'work');
  return decideToolCall(
    { toolName: 'Bash', input: { command }, cwd: worktree },
    {
      agentName: 'b1',
      capability: 'builder',
      worktree,
      projectRoot: folder,
      taskId: '',
      qualityGates: [],
      scratchFolders: [],
      variables: {},
      canonical: (path) => path,
    },
  ).allow;
}

async function pushes(command: string): Promise<boolean> {
  const mark = join(folder, 'pushed');
  await rm(mark, { force: true });
  spawnSync('/bin/bash', ['-c', command], {
    cwd: join(folder, 'work'),
    env: { PATH: join(folder, 'bin') },
    stdio: 'ignore',
    timeout: 60_000,
  });
  return existsSync(mark);
}

describe('the guard and bash itself', () => {
  it('the watched shell does notice a push, so that the next test can fail', async () => {
    expect(await pushes('x=pu; git ${x}sh')).toBe(true);
    expect(await pushes('git status')).toBe(false);
  });

  it('never allows a line in which bash would run git push', async () => {
    const line = fc
      .array(fc.constantFrom(...PIECES), { minLength: 2, maxLength: 16 })
      .map((pieces) => pieces.join(''))
      .filter((text) => text.includes('push') && allowed(text));
    await fc.assert(
      fc.asyncProperty(line, async (command) => {
        expect(await pushes(command), command).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});
