import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../../contract/version.ts';
import { isAlive, processStartTime } from '../../platform/processes.ts';
import { ensureBackgroundEngine } from './backgroundEngine.ts';
import { connectToLiveEngine } from './engineClient.ts';
import type { EngineInfo } from './engineInfo.ts';
import { writeEngineInfo } from './engineInfoFile.ts';
import { judgeEngine } from './engineVersions.ts';

const info = (change: Partial<EngineInfo> = {}): EngineInfo => ({
  pid: 1,
  startTime: null,
  instanceId: 'i',
  socket: '/nowhere',
  token: 't',
  protocol: PROTOCOL_VERSION,
  version: '0.0.9',
  mode: 'background',
  startedAt: '2026-01-01T00:00:00.000Z',
  ...change,
});

describe('engine of another version', () => {
  it.each<[string, Partial<EngineInfo>, string]>([
    ['of the same protocol is used', { version: '9.9.9' }, 'use'],
    ['that is older and in the background hands over', { protocol: 1 }, 'replace'],
    ['that is older and in a window is refused', { protocol: 1, mode: 'embedded' }, 'refuse'],
    ['that is older and in a terminal is refused', { protocol: 1, mode: 'foreground' }, 'refuse'],
    ['that is newer is refused', { protocol: 3 }, 'refuse'],
  ])('%s', (_name, change, does) => {
    const judgement = judgeEngine({ ...info({ protocol: 2 }), ...change }, 2);
    expect(judgement.do).toBe(does);
    if (judgement.do === 'refuse') expect(judgement.reason).toMatch(/version 0\.0\.9, process 1\) .*(update|end it)/);
  });
});

describe('a living engine of another version', () => {
  let root: string;
  let other: ReturnType<typeof spawn>;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'engine-version-'));
  });
  afterEach(async () => {
    other.kill('SIGKILL');
    await rm(root, { recursive: true, force: true });
  });

  /** A process that holds the project as its engine.json says, and does this when it is asked to leave. */
  async function hold(change: Partial<EngineInfo>, onTerm: string): Promise<void> {
    other = spawn(
      process.execPath,
      ['-e', `process.on('SIGTERM', () => { ${onTerm} }); console.log('up'); setInterval(() => {}, 1e6)`],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    if (other.stdout === null || other.pid === undefined) throw new Error('no process');
    await once(other.stdout, 'data');
    await writeEngineInfo(root, info({ pid: other.pid, startTime: await processStartTime(other.pid), ...change }));
  }

  it('refuses politely: a newer one is left alone, whoever asks', async () => {
    await hold({ protocol: PROTOCOL_VERSION + 1 }, 'process.exit(0)');
    const words = `a newer engine (version 0.0.9, process ${other.pid}) holds this project: update this program to use it`;
    expect(await ensureBackgroundEngine(root)).toMatchObject({ ok: false, error: { tag: 'config', message: words } });
    expect(await connectToLiveEngine(root)).toMatchObject({ ok: false, error: { message: words } });
    expect(isAlive(other.pid ?? 0)).toBe(true);
  });

  it('an older one in the background is asked to leave before another is started', async () => {
    await hold({ protocol: PROTOCOL_VERSION - 1 }, `console.log('asked'); process.exit(0)`);
    const exited = once(other, 'exit');
    // The project of this test is not set up, so the one that comes after it says so: it was started.
    const next = await ensureBackgroundEngine(root);
    expect(await exited).toEqual([0, null]);
    expect(next).toMatchObject({ ok: false, error: { message: expect.stringContaining('could not be started') } });
  });

  it('an older one in a window stays', async () => {
    await hold({ protocol: PROTOCOL_VERSION - 1, mode: 'embedded' }, 'process.exit(0)');
    expect(await ensureBackgroundEngine(root)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('in a desktop window: end it there and try again') },
    });
    expect(isAlive(other.pid ?? 0)).toBe(true);
  });
});
