import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LogLine, LogTail } from './logTail.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tail-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function collect(path: string, offset = 0) {
  const lines: LogLine[] = [];
  const errors: unknown[] = [];
  const tail = new LogTail({
    path,
    offset,
    take: (batch) => void lines.push(...batch),
    onError: (error) => errors.push(error),
  });
  return { tail, lines, errors };
}

describe('log tail', () => {
  it('E3: sees lines that are appended while it follows, in order and once', async () => {
    const path = join(directory, 'log');
    const { tail, lines } = collect(path);
    tail.start();
    for (let index = 0; index < 300; index += 1) await appendFile(path, `{"n":${index}}\n`);
    await tail.finish();
    expect(lines.map((line) => line.text)).toEqual(Array.from({ length: 300 }, (_, index) => `{"n":${index}}`));
  });

  it('E8: joins a 10 MB line that arrives in pieces', async () => {
    const path = join(directory, 'log');
    const { tail, lines } = collect(path);
    tail.start();
    for (let index = 0; index < 10; index += 1) await appendFile(path, 'x'.repeat(1_000_000));
    await appendFile(path, '\nshort');
    await tail.finish();
    expect(lines.map((line) => line.length)).toEqual([10_000_001, 5]);
  });

  it('whatever is in the file, offsets and lengths cover every byte exactly once, from any committed line', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll('\n', '')),
          { maxLength: 30 },
        ),
        fc.boolean(),
        async (texts, open) => {
          const path = join(directory, `log-${Math.random()}`);
          const content = Buffer.from(texts.join('\n') + (open ? '' : '\n'));
          await writeFile(path, content);
          const whole = collect(path);
          whole.tail.start();
          await whole.tail.finish();
          expect(whole.lines.reduce((sum, line) => sum + line.length, 0)).toBe(content.length);
          expect(
            Buffer.concat(whole.lines.map((line) => content.subarray(line.offset, line.offset + line.length))),
          ).toEqual(content);
          const middle = whole.lines[Math.floor(whole.lines.length / 2)];
          if (middle === undefined) return;
          const rest = collect(path, middle.offset);
          rest.tail.start();
          await rest.tail.finish();
          expect(rest.lines).toEqual(whole.lines.filter((line) => line.offset >= middle.offset));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('E6: waits for a file that does not exist yet', async () => {
    const path = join(directory, 'late');
    const { tail, lines, errors } = collect(path);
    tail.start();
    await writeFile(path, 'hello\n');
    tail.poke();
    await tail.finish();
    expect(lines.map((line) => line.text)).toEqual(['hello']);
    expect(errors).toEqual([]);
  });
});
