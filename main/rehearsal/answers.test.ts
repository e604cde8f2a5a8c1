import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryCommand } from '../platform/entries.ts';
import { preparedAnswer } from './answers.ts';

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocr-answers-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function script(text: string): Promise<string> {
  const path = join(folder, 'answers.yaml');
  await writeFile(path, text);
  return path;
}

const TWO = '- when: [a.ts, region]\n  answer: "both\\n"\n- when: a.ts\n  answer: one\n  exit: 3\n';

describe('prepared answers', () => {
  it('the first whose texts are all in the question is given', async () => {
    const path = await script(TWO);
    expect(await preparedAnswer(path, 'the region of a.ts')).toMatchObject({
      ok: true,
      value: { answer: 'both\n', exit: 0 },
    });
    expect(await preparedAnswer(path, 'all of a.ts')).toMatchObject({ ok: true, value: { answer: 'one', exit: 3 } });
    expect(await preparedAnswer(path, 'b.ts')).toEqual({ ok: true, value: null });
  });

  it('an empty file has none', async () => {
    expect(await preparedAnswer(await script(''), 'anything')).toEqual({ ok: true, value: null });
  });

  it.each([
    ['- when: a\n  answr: b\n', 'answr'],
    ['when: a\n', 'expected array'],
    ['- [', 'cannot be read'],
  ])('%j is told by file and place', async (text, words) => {
    const answer = await preparedAnswer(await script(text), 'a');
    expect(answer.ok ? '' : answer.error.message).toContain('answers.yaml');
    expect(answer.ok ? '' : answer.error.message.toLowerCase()).toContain(words.toLowerCase());
  });

  it('the print command gives them as they are, with their exit code, and its own text where none fits', async () => {
    const entry = entryCommand('rehearsal');
    const path = await script(TWO);
    const ask = (question: string) =>
      run(entry.command, [...entry.args, 'answer', '--script', path, 'extend', question], {
        env: { ...process.env, ...entry.env },
      });
    expect((await ask('region a.ts')).stdout).toBe('both\n');
    expect((await ask('something else')).stdout).toBe('extend\n');
    await expect(ask('a.ts')).rejects.toMatchObject({ code: 3, stdout: 'one' });
  });
});
