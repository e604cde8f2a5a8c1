import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PRODUCT_VERSION } from '../../../contract/version.ts';
import { systemClock } from '../../platform/clock.ts';
import type { GuardLevel, RuntimeAdapter } from '../runtimes/adapter.ts';
import { createClaudeAdapter } from '../runtimes/claude.ts';
import { writeCommandShim } from './commandShim.ts';
import { createGuardCanary, type GuardCanary } from './guardCanary.ts';
import { CANARY_CALLS, type CanaryAnswer, guardState, hookCommands, judgeCanary } from './guardCanaryRules.ts';
import { writeGuardFiles } from './guardFiles.ts';
import { guardSettings } from './guardHooks.ts';
import { secureLaunchOf } from './secureLaunch.ts';

const refusal = '{"decision":"block","reason":"no"}\n';
const answer = (index: number, change: Partial<CanaryAnswer> = {}): CanaryAnswer => {
  const call = CANARY_CALLS[index];
  if (call === undefined) throw new Error('no such call');
  return { call, code: 0, stdout: call.refused ? refusal : '', stderr: '', ...change };
};

describe('what a canary call shows', () => {
  it.each<[string, readonly CanaryAnswer[], boolean, RegExp]>([
    ['refuses and allows as it must', [answer(0), answer(1)], true, /asked and answered/],
    ['lets the hostile call through', [answer(0, { stdout: '' }), answer(1)], false, /let through "git push canary"/],
    ['refuses the ordinary call too', [answer(0), answer(1, { stdout: refusal })], false, /refused "git status"/],
    [
      'is not found',
      [answer(0, { code: 127, stderr: 'sh: ov: not found\n' })],
      false,
      /ended with 127 \(sh: ov: not found\)/,
    ],
    ['takes too long', [answer(0, { code: null })], false, /gave no answer/],
    ['prints something else', [answer(0, { stdout: 'Welcome!' })], false, /let through/],
    ['is not named by the settings', [], false, /name no guard/],
  ])('a guard that %s', (_name, answers, holds, detail) => {
    const judged = judgeCanary(answers);
    expect(judged.holds).toBe(holds);
    expect(judged.detail).toMatch(detail);
  });

  it('runs exactly the command that the settings of the launch name for a shell command', () => {
    expect(hookCommands(JSON.stringify(guardSettings('b 1', 'scout')))).toEqual(["ov guard --agent 'b 1'"]);
    const other = { matcher: 'Write', hooks: [{ type: 'command', command: 'x' }] };
    expect(hookCommands(JSON.stringify({ hooks: { PreToolUse: [other] } }))).toEqual([]);
  });

  it.each<[GuardLevel, string | null, boolean, GuardLevel, boolean | null]>([
    ['advisory', '2.1', true, 'advisory', true],
    ['enforced', '2.1', true, 'enforced', true],
    ['enforced', '2.1', false, 'absent', false],
    ['enforced', '2.2', true, 'enforced', null],
    ['absent', '2.1', true, 'absent', null],
  ])(
    'claimed %s, tried with 2.1 and run with %s: holds %s is %s, verified %s',
    (claimed, version, holds, level, verified) => {
      const result = { version: '2.1', product: PRODUCT_VERSION, holds, detail: 'd', checkedAt: 'now' };
      const state = guardState({ guards: claimed, guardNote: 'n' }, version, PRODUCT_VERSION, result);
      expect(state).toMatchObject({ level, verified });
    },
  );
});

describe('the canary call before the first turn of a runtime version', () => {
  let root: string;
  let settingsFile: string;
  let commandFolder: string;
  let stored: Map<string, unknown>;
  let canary: GuardCanary;
  let probes: number;
  const claude = createClaudeAdapter({ uid: 1000, environment: {} });
  let adapter: RuntimeAdapter;

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'canary-')));
    await mkdir(join(root, '.git'), { recursive: true });
    await mkdir(join(root, '.overstory'));
    await writeFile(join(root, '.overstory/config.yaml'), 'project:\n  name: sample\n');
    const facts = {
      agentName: 'b1',
      capability: 'builder',
      worktree: root,
      projectRoot: root,
      taskId: '',
      qualityGates: [],
    };
    const written = await writeGuardFiles(join(root, '.overstory'), facts);
    if (!written.ok) throw new Error(written.error.message);
    settingsFile = written.value;
    commandFolder = await writeCommandShim(root);
    stored = new Map();
    probes = 0;
    adapter = {
      ...claude,
      probe: async () => {
        probes += 1;
        return { ready: true, detail: 'claude', version: '2.1' };
      },
    };
    canary = createGuardCanary({
      control: { getSetting: (key) => stored.get(key), putSetting: (key, value) => void stored.set(key, value) },
      clock: systemClock,
      log: () => undefined,
      environment: {},
    });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const launch = () => ({
    adapter,
    settingsFile,
    cwd: root,
    env: { PATH: `${commandFolder}:${process.env.PATH}`, HOME: root, OVERSTORY_PROJECT_ROOT: root },
  });

  it('asks the real guard by the launch’s own settings, once, and keeps what it found', async () => {
    const [first, second] = await Promise.all([canary.check(launch()), canary.check(launch())]);
    expect(first).toMatchObject({ verified: true, level: claude.features.guards });
    expect(second).toEqual(first);
    expect(probes).toBe(1);
    expect(canary.state(adapter, '2.1')).toMatchObject({ verified: true });
    expect(canary.state(adapter, '2.2')).toMatchObject({ verified: null });
  });

  it('finds a guard that cannot start, gives the runtime no turn, and tries again the next time', async () => {
    await rm(join(commandFolder, 'ov'));
    const secure = secureLaunchOf(canary, { wrap: async (turn) => ({ ok: true, value: turn.argv }) });
    const facts = {
      session: { agentName: 'b1', branchName: '' },
      capability: 'builder',
      settings: { runtime: 'claude' },
      settingsFile,
    };
    const planned = {
      argv: ['claude'],
      cwd: root,
      env: { PATH: `${commandFolder}:/usr/bin:/bin`, HOME: root, OVERSTORY_PROJECT_ROOT: root },
    };
    const refused = await secure(facts as never, adapter, planned);
    expect(refused).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/the guard of claude does not hold/) },
    });
    expect(canary.state(adapter, '2.1')).toMatchObject({ level: 'absent', verified: false });
    await writeCommandShim(root);
    expect(await secure(facts as never, adapter, planned)).toEqual({ ok: true, value: ['claude'] });
  });

  it('finds settings that somebody emptied', async () => {
    await writeFile(settingsFile, '{}');
    expect(await canary.check(launch())).toMatchObject({ verified: false, level: 'absent' });
  });

  it('asks nothing of a runtime that has no guards', async () => {
    const without = { ...adapter, features: { ...adapter.features, guards: 'absent' as const } };
    expect(await canary.check({ ...launch(), adapter: without })).toMatchObject({ level: 'absent', verified: null });
    expect(probes).toBe(0);
  });
});
