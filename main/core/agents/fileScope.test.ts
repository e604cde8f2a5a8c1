import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileScopeIn, readFileScope } from './fileScope.ts';

const file = (scope: string): string =>
  `# Role\n- \`not/this\`\n\n## File Scope (exclusive ownership)\n\n${scope}\n\n## Expertise\n\n- \`nor/this\`\n`;

describe('CT68: the file scope in an instruction file', () => {
  it('is every line of one path in backticks', () =>
    expect(fileScopeIn(file('- `src/a.ts`\n- `src/b c.ts`\n- see `x`\n* `y`'))).toEqual(['src/a.ts', 'src/b c.ts']));
  it('is empty without restrictions', () => expect(fileScopeIn(file('No file scope restrictions'))).toEqual([]));
  it('is empty without the heading', () => expect(fileScopeIn('# House rules\n- `src/a.ts`\n')).toEqual([]));
});

describe('reading it from a worktree', () => {
  let worktree: string;
  beforeEach(async () => {
    worktree = await mkdtemp(join(tmpdir(), 'scope-'));
  });
  afterEach(() => rm(worktree, { recursive: true, force: true }));

  it('takes the first file that is there', async () => {
    await writeFile(join(worktree, 'AGENTS.md'), file('- `second.ts`'));
    expect(await readFileScope(worktree, ['.claude/CLAUDE.md', 'AGENTS.md'])).toEqual(['second.ts']);
    await mkdir(join(worktree, '.claude'));
    await writeFile(join(worktree, '.claude/CLAUDE.md'), file('- `first.ts`'));
    expect(await readFileScope(worktree, ['.claude/CLAUDE.md', 'AGENTS.md'])).toEqual(['first.ts']);
  });

  it('is empty where nothing can be read', async () => {
    await mkdir(join(worktree, 'AGENTS.md'));
    expect(await readFileScope(worktree, ['AGENTS.md'])).toEqual([]);
    expect(await readFileScope(join(worktree, 'gone'), ['AGENTS.md'])).toEqual([]);
  });
});
