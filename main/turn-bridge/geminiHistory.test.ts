import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepGeminiHistory } from './geminiHistory.ts';

const NOW = Date.parse('2026-11-23T15:02:49.860Z');
let home = '';
let chats = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ocr-gemini-'));
  chats = join(home, '.gemini', 'tmp', 'repo', 'chats');
  await mkdir(chats, { recursive: true });
});
afterEach(() => rm(home, { recursive: true, force: true }));

const MESSAGE = '{"sessionId":"af2a"}\n{"id":"1","type":"user"}\n';
const EMPTY = '{"sessionId":"af2a"}\n{"$set":{"messages":[{"id":"1"}]}}\n';
const begun = (text: string, ...names: readonly string[]) =>
  Promise.all(names.map((name) => writeFile(join(chats, name), text)));

it('gives a conversation begun in this minute an earlier name that is free, and leaves all others', async () => {
  await begun(
    MESSAGE,
    'session-2026-11-23T15-02-af2a7742.jsonl',
    'session-2026-11-23T15-01-af2a7742.jsonl',
    'session-2026-11-23T15-02-00000000.jsonl',
    'session-2026-11-23T14-02-af2a7742.jsonl',
  );
  await keepGeminiHistory('af2a7742-c044-40a3-84f0-6bd30feb7c0f', NOW, home);
  expect((await readdir(chats)).sort()).toEqual([
    'session-2026-11-23T14-02-af2a7742.jsonl',
    'session-2026-11-23T15-00-af2a7742.jsonl',
    'session-2026-11-23T15-01-af2a7742.jsonl',
    'session-2026-11-23T15-02-00000000.jsonl',
  ]);
});

it('takes empty files of the conversation away, unless there is no other', async () => {
  await begun(MESSAGE, 'session-2026-11-23T15-00-af2a7742.jsonl');
  await begun(EMPTY, 'session-2026-11-23T15-02-af2a7742.jsonl', 'session-2026-11-23T15-01-11111111.jsonl');
  await keepGeminiHistory('af2a7742-c044-40a3-84f0-6bd30feb7c0f', NOW, home);
  await keepGeminiHistory('11111111-c044-40a3-84f0-6bd30feb7c0f', NOW, home);
  expect((await readdir(chats)).sort()).toEqual([
    'session-2026-11-23T15-00-af2a7742.jsonl',
    'session-2026-11-23T15-01-11111111.jsonl',
  ]);
});

it('does nothing where Gemini has kept nothing', async () => {
  await keepGeminiHistory('af2a7742-c044-40a3-84f0-6bd30feb7c0f', NOW, join(home, 'nowhere'));
  expect(await readdir(chats)).toEqual([]);
});
