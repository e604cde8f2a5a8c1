import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LogPage, ReadLogInput } from '../../../contract/health.ts';
import { removeTestFolder, testFolder } from '../../platform/testFolders.ts';
import { endOfLines, linesBefore, splitLines } from './lineFiles.ts';
import { createLogReader, type LogReader } from './logReader.ts';
import { engineLine, terminalLine, turnLine } from './logRules.ts';

let root: string;
let reader: LogReader;
beforeEach(async () => {
  root = await testFolder('logs');
  await mkdir(join(root, 'logs'));
  reader = createLogReader(root);
});
afterEach(() => removeTestFolder(root));

const engineLog = () => join(root, 'logs', 'engine.log');
const line = (number: number, level = 30, more: object = {}): string =>
  `${JSON.stringify({ level, time: '2026-11-23T10:00:00.000Z', ...more, msg: `line ${number}` })}\n`;

async function read(input: Partial<Parameters<typeof ReadLogInput.parse>[0] & object> = {}): Promise<LogPage> {
  const page = await reader.read(ReadLogInput.parse({ agent: null, ...input }));
  if (!page.ok) throw new Error(page.error.message);
  return page.value;
}
const numbers = (page: LogPage): number[] => page.entries.map(({ message }) => Number(message.slice(5)));

describe('logs, page by page', () => {
  it('walks back to the first line over the file that was moved aside, each line once', async () => {
    const total = 5_000;
    const text = Array.from({ length: total }, (_, at) => line(at)).join('');
    const half = text.indexOf(line(2_500));
    await writeFile(`${engineLog()}.1`, text.slice(0, half));
    await writeFile(engineLog(), text.slice(half));
    const seen: number[] = [];
    let page = await read({ limit: 300 });
    for (;;) {
      seen.unshift(...numbers(page));
      if (page.older === null) break;
      page = await read({ limit: 300, before: page.older });
    }
    expect(seen).toEqual(Array.from({ length: total }, (_, at) => at));
  });

  it('follows what is written since, and leaves a line alone until it is whole', async () => {
    await writeFile(engineLog(), `${line(1)}{"level":30,"msg":"line 2`);
    const first = await read();
    expect(numbers(first)).toEqual([1]);
    const after = first.newer ?? undefined;
    expect(numbers(await read({ after }))).toEqual([]);
    await appendFile(engineLog(), `"}\n${line(3)}`);
    const next = await read({ after });
    expect(numbers(next)).toEqual([2, 3]);
    expect(numbers(await read({ after: next.newer ?? undefined }))).toEqual([]);
  });

  it('filters by level, agent and text, and reads a bounded part a call', async () => {
    const quiet = Array.from({ length: 80_000 }, (_, at) => line(at, 20)).join('');
    await writeFile(
      engineLog(),
      line(-1, 50, { agent: 'ann', error: 'ENOSPC' }) + quiet + line(-2, 40, { agent: 'ben' }),
    );
    const first = await read({ level: 'warn' });
    expect(numbers(first)).toEqual([-2]);
    // More than four megabytes lie between: the call says where to go on instead of reading them all.
    const found = [...first.entries];
    let calls = 1;
    for (let { older } = first; older !== null; calls += 1) {
      const page = await read({ level: 'warn', before: older });
      found.push(...page.entries);
      older = page.older;
    }
    expect(found.map(({ agent }) => agent)).toEqual(['ben', 'ann']);
    expect((await read({ about: 'ben' })).entries.map(({ level }) => level)).toEqual(['warn']);
    expect((await read({ search: 'line -2' })).entries).toHaveLength(1);
    expect(calls).toBeLessThan(10);
  });

  it("reads an agent's turns: what was said, called, answered, and what its terminal got", async () => {
    const turn = join(root, 'logs', 'ann', '2026-11-23T10-00-00-000Z');
    await mkdir(turn, { recursive: true });
    await writeFile(join(turn, 'stderr.log'), 'a warning\r\n\u001b[31mred\u001b[0m\r\n');
    await writeFile(
      join(turn, 'stdout.ndjson'),
      [
        { type: 'system', subtype: 'init' },
        { type: 'assistant', message: { content: [{ type: 'text', text: 'I begin.' }] } },
        { type: 'assistant', message: { content: [{ type: 'tool_use', name: 'Bash', input: { command: 'ls' } }] } },
        { type: 'user', message: { content: [{ type: 'tool_result', is_error: true, content: 'no such file' }] } },
        { type: 'result', subtype: 'success', result: 'Done.' },
      ]
        .map((value) => `${JSON.stringify(value)}\n`)
        .concat('no json\n')
        .join(''),
    );
    const { entries } = await read({ agent: 'ann' });
    expect(entries.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn a warning',
      'warn red',
      'debug system init',
      'info I begin.',
      'debug Bash {"command":"ls"}',
      'error answer: no such file',
      'info result success: Done.',
      'warn no json',
    ]);
    expect(entries.every(({ agent, turn: of }) => agent === 'ann' && of?.startsWith('2026-11-23T10') === true)).toBe(
      true,
    );
    expect(await reader.agents()).toEqual(['ann']);
    expect((await read({ agent: 'nobody' })).entries).toEqual([]);
  });

  it('a place in a log that is gone is said in one line', async () => {
    await writeFile(engineLog(), line(1));
    const page = await reader.read(
      ReadLogInput.parse({ agent: null, before: { file: '../../etc/passwd', offset: 10 } }),
    );
    expect(page).toMatchObject({ ok: false, error: { tag: 'notFound' } });
  });
});

describe('lines', () => {
  it('a line longer than a part is passed over in pieces, never read whole', async () => {
    const path = join(root, 'long');
    await writeFile(path, `${'x'.repeat(1_000)}\nend\n`);
    expect(await endOfLines(path)).toBe(1_005);
    const last = await linesBefore(path, 1_005, 100);
    expect(last.lines).toEqual([{ offset: 1_001, text: 'end' }]);
    const inside = await linesBefore(path, last.start, 100);
    expect(inside).toEqual({ start: last.start - 100, lines: [{ offset: 901, text: `…${'x'.repeat(99)}` }] });
    expect(await linesBefore(path, inside.start, 100)).toEqual({ start: 801, lines: [] });
    expect(await linesBefore(join(root, 'missing'), 10, 5)).toEqual({ lines: [], start: 0 });
  });

  it('offsets count bytes, not characters', () => {
    expect(splitLines(Buffer.from('ä\nb\n\nc'), 10)).toEqual([
      { offset: 10, text: 'ä' },
      { offset: 13, text: 'b' },
      { offset: 16, text: 'c' },
    ]);
  });

  it.each(['', '{"a":', '[]', 'null', '"text"', '{"level":"x","msg":5}'])(
    'whatever a line holds (%s), it is shown',
    (text) => {
      expect(engineLine(text).level).toMatch(/debug|info|warn|error/);
      expect(turnLine(text, 'a', 't').message.length).toBeLessThan(5_000);
      expect(terminalLine('\u001b[2J\r', 'a', 't')).toBeNull();
    },
  );
});
