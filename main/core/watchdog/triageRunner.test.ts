import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ok } from '../../../contract/result.ts';
import type { RuntimeAdapter } from '../runtimes/adapter.ts';
import type { LaunchFacts } from '../turns/launchSettings.ts';
import { askModelOf } from './askModel.ts';
import { createTriageRunner } from './triageRunner.ts';

let folder: string;
let lines: string[];
const settings = new Map<string, unknown>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'triage-'));
  lines = [];
  settings.clear();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A runner whose agent has this print command. */
function runner(argv: readonly string[] | null) {
  return createTriageRunner({
    overstoryDirectory: folder,
    control: { getSetting: (key) => settings.get(key), putSetting: (key, value) => void settings.set(key, value) },
    ask: askModelOf({
      projectRoot: folder,
      environment: process.env,
      launchFacts: async () =>
        ok({ settings: { runtime: 'test', model: null }, modelEnv: {} } as unknown as LaunchFacts),
      adapter: () =>
        ok({ planPrint: (prompt: string) => (argv === null ? null : [...argv, prompt]) } as unknown as RuntimeAdapter),
    }),
    log: (_level, line) => void lines.push(line),
  });
}
const input = { agentName: 'scout-1', lastActivity: '2026-11-23T10:00:00.000Z', evidence: ['no sign of life'] };

describe('triage', () => {
  it('G2: without a log nobody is asked and nothing is done', async () => {
    const nothing = { verdict: 'extend', fallback: true, reason: 'No logs available' };
    expect(await runner(['false']).run(input, 500)).toEqual(nothing);
    await mkdir(join(folder, 'logs', 'scout-1'), { recursive: true });
    expect(await runner(['false']).run(input, 500)).toEqual(nothing);
    await mkdir(join(folder, 'logs', 'scout-1', '2026-11-23T10-00-00-000Z'));
    expect(await runner(['false']).run(input, 500)).toEqual(nothing);
    expect(settings.size).toBe(0);
  });
  it('G3: a command that fails, is missing or takes too long is no verdict, and a line names the agent', async () => {
    await log('session.log', 'x\n');
    for (const argv of [['false'], ['no-such-command-here'], ['sh', '-c', 'sleep 30'], null])
      expect(await runner(argv).run(input, 300)).toMatchObject({ verdict: 'extend', fallback: true });
    expect(lines).toEqual(Array.from({ length: 4 }, () => 'triage fallback for scout-1'));
    expect(runner(null).meter()).toMatchObject({ asked: 4, failed: 4, charactersOut: 0 });
  });
  it('reads the last 50 lines of the newest log and hands them over as data', async () => {
    await log('stdout.ndjson', Array.from({ length: 80 }, (_, line) => `line ${line}`).join('\n'));
    const found = await runner([
      'node',
      '-e',
      'console.log(process.argv[1].includes("line 79") && !process.argv[1].includes("line 29\\n") ? "retry" : "terminate")',
    ]).run(input, 20_000);
    expect(found).toMatchObject({ verdict: 'retry', fallback: false });
    expect(runner(null).meter()).toMatchObject({ asked: 1, failed: 0, charactersOut: 6 });
  });
});

async function log(name: string, text: string): Promise<void> {
  const turn = join(folder, 'logs', 'scout-1', '2026-11-23T10-00-00-000Z');
  await mkdir(turn, { recursive: true });
  await writeFile(join(turn, name), text);
}
