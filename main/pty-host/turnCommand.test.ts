import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { turnCommand } from './turnCommand.ts';

const execute = promisify(execFile);

describe('command line of a turn', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ocr-turn-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function run(argv: readonly string[], stdinFile: string | null): Promise<string> {
    const stdoutFile = join(folder, 'out');
    const command = turnCommand({ argv: [...argv], stdinFile, stdoutFile }, process.platform);
    await execute(command?.file ?? '', command?.args ?? []);
    return readFile(stdoutFile, 'utf8');
  }

  it('gives the file through a pipe, because Claude Code reads nothing from a regular file', async () => {
    const input = join(folder, "it's in $HOME");
    await writeFile(input, 'a\nb\n');
    expect(await run(['sh', '-c', 'test -p /dev/stdin && echo pipe; cat'], input)).toBe('pipe\na\nb\n');
    expect((await readdir(folder)).filter((name) => name.endsWith('.pipe'))).toEqual([]);
  });

  it('ends the input, and has no child of its own', async () => {
    const input = join(folder, 'in');
    await writeFile(input, 'x'.repeat(300_000));
    // The process has no child when it starts: `ps` itself is the first.
    expect((await run(['sh', '-c', 'cat | wc -c; ps --no-headers --ppid $$ -o comm='], input)).trim()).toMatch(
      /^300000\s+ps$/,
    );
  });

  it('has an empty input where there is none', async () => {
    expect(await run(['sh', '-c', 'cat; echo end'], null)).toBe('end\n');
  });
});
