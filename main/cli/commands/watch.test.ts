import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProject, createChaosProject } from '../../core/chaos/chaosProject.ts';

/** Spec 01 §4.11, "Triage / watch", with what is different because the watchdog lives in the engine (docs/compatibility.md). */
let project: ChaosProject;
beforeAll(async () => {
  project = await createChaosProject();
});
afterAll(() => project.dispose());

const pidFile = (): string => join(project.root, '.overstory', 'watchdog.pid');
afterEach(() => rm(pidFile(), { force: true }));

describe('ov watch', { timeout: 180_000 }, () => {
  it.each(['--help', '-h'])('V1: %s lists all options and names its tier', async (option) => {
    const { code, stdout } = await project.ov(['watch', option]);
    expect(code).toBe(0);
    for (const word of ['--interval', '--background', '--kill-others', '--json', 'Tier 0'])
      expect(stdout).toContain(word);
  });

  it('V2: in the background beside a live watchdog of overstory it refuses, with its pid and exit code 1', async () => {
    await writeFile(pidFile(), `${process.pid}\n`);
    const end = await project.ov(['watch', '--background']);
    expect(end).toMatchObject({ code: 1, stdout: '' });
    expect(end.stderr).toMatch(new RegExp(`Watchdog already running \\(PID: ${process.pid}\\).*stop it first\\n$`));
  });

  it('V2: the engine’s own watchdog is no second one: asked for again in the background, it is the same', async () => {
    const [first, second] = [
      await project.ov(['watch', '--background', '--json']),
      await project.ov(['watch', '--background', '--json']),
    ].map(({ stdout }) => JSON.parse(stdout) as { success: boolean; pid: number; mode: string });
    expect(first).toMatchObject({ success: true, command: 'watch', mode: 'background' });
    expect(second?.pid).toBe(first?.pid);
  });

  it('V3: in the foreground beside a foreign live one it refuses as JSON and leaves the file untouched', async () => {
    await writeFile(pidFile(), `${process.pid}\n`);
    const end = await project.ov(['watch', '--json']);
    expect(end.code).toBe(1);
    expect(JSON.parse(end.stdout)).toMatchObject({
      success: false,
      error: expect.stringContaining(`Watchdog already running (PID: ${process.pid})`),
    });
    expect(await readFile(pidFile(), 'utf8')).toBe(`${process.pid}\n`);
  });

  it.each(['999999\n', 'not a pid', '-1\n', ''])(
    'V4: a stale pid file (%j) keeps nobody from watching',
    async (content) => {
      await writeFile(pidFile(), content);
      const end = await project.ov(['watch', '--background', '--json']);
      expect(end.code).toBe(0);
      expect(JSON.parse(end.stdout)).toMatchObject({ success: true });
    },
  );
});

describe('ov monitor', { timeout: 180_000 }, () => {
  it('is refused in one line while tier 2 is off, and says that none runs', async () => {
    expect(await project.ov(['monitor', 'start'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/the monitor is disabled: set watchdog\.tier2Enabled to true in config\.yaml\n$/),
    });
    expect(await project.ov(['monitor', 'stop'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/No active monitor: start one with "ov monitor start"\n$/),
    });
    const status = await project.ov(['monitor', 'status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ success: true, command: 'monitor status', running: false });
  });
});
