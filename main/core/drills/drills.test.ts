import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DRILL_KINDS, type DrillView } from '../../../contract/drills.ts';
import { WATCHDOG_RULES } from '../../../contract/evidence.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { findPtyHost } from '../../pty-host/client.ts';
import { resolveConfig } from '../config/loadConfig.ts';
import { parseYamlMapping } from '../config/yamlText.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';
import { pathExists } from '../util/files.ts';
import { DRILL_PLANS, type Modes } from './drillPlan.ts';
import { settingsText } from './sandboxProject.ts';

let project: TestProject;
let client: RoomClient;
beforeEach(async () => {
  project = await createTestProject();
  ({ client } = await project.start());
});
afterEach(() => project.dispose());

const overstory = (...path: string[]): string => join(project.root, '.overstory', ...path);

/** The newest result, once no drill runs any more. */
async function ended(): Promise<DrillView> {
  const { value } = await topicUntil(
    client,
    'drills',
    (state) => state.value !== null && state.value.current === null && state.value.results.length > 0,
    150_000,
  );
  const drill = value?.results[0];
  if (drill === undefined) throw new Error('no result');
  return drill;
}

/** Everything of the project that a drill could leave something in. */
async function traces() {
  const [agents, runs, mail, costs, timeline, vault, attention] = await Promise.all([
    client.snapshot('agents'),
    client.snapshot('runs'),
    client.snapshot('mail'),
    client.call('costs.list', {}),
    client.snapshot('timeline'),
    client.call('vault.list', {}),
    client.snapshot('attention'),
  ]);
  return {
    agents,
    runs,
    mail,
    costs,
    timeline,
    vault,
    attention,
    branches: await project.git('for-each-ref'),
    worktrees: await project.git('worktree', 'list'),
    status: await project.git('status', '--porcelain'),
    sandbox: await pathExists(overstory('drills')),
    logs: await client.call('logs.agents', {}),
  };
}

describe('fire drills', { timeout: 180_000 }, () => {
  it.each(['crash', 'lostMail', 'hang'] as const)(
    '%s: every step of the recovery is seen, and nothing is left behind',
    async (kind) => {
      const before = await traces();
      const started = await client.call('drills.start', { kind });
      if (!started.ok) throw new Error(started.error.message);
      expect(await client.call('drills.start', { kind })).toMatchObject({ ok: false, error: { tag: 'conflict' } });
      const drill = await ended();
      expect(drill).toMatchObject({ id: started.value.id, state: 'passed' });
      expect(drill.steps.map(({ expected, state }) => `${state}: ${expected}`)).toEqual(
        DRILL_PLANS[kind].steps.map(({ expected }) => `seen: ${expected}`),
      );
      expect(drill.steps.every(({ seen, at }) => seen !== '' && at !== null)).toBe(true);
      expect(drill.evidence.length).toBeGreaterThan(3);
      expect(await traces()).toEqual(before);
      expect(await findPtyHost(overstory('drills', drill.id))).toBeNull();
    },
  );

  it("fails, and says how to change it, where the project's own rules keep the recovery from happening", async () => {
    await client.call('watchdog.setRule', { rule: 'stalled', mode: 'shadow' });
    await client.call('drills.start', { kind: 'hang' });
    const drill = await ended();
    expect(drill.state).toBe('failed');
    expect(drill.result).toContain('rule stalled is in shadow in this project: "ov watchdog live stalled" lets it act');
    expect(drill.steps.find(({ expected }) => expected.includes('calls the agent stalled'))?.state).toBe('missed');
    expect(await pathExists(overstory('drills'))).toBe(false);
  });

  it('is refused while the fleet is paused, and cancelled when it is paused or a person says so', async () => {
    await client.call('fleet.pause', { paused: true });
    expect(await client.call('drills.start', { kind: 'crash' })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('the fleet is paused') },
    });
    await client.call('fleet.pause', { paused: false });
    await client.call('drills.start', { kind: 'loop' });
    await client.call('fleet.pause', { paused: true });
    expect(await ended()).toMatchObject({ state: 'cancelled', result: 'cancelled: the fleet was paused' });
    await client.call('fleet.pause', { paused: false });
    const started = await client.call('drills.start', { kind: 'loop' });
    if (!started.ok) throw new Error(started.error.message);
    await topicUntil(client, 'drills', ({ value }) => value?.current?.steps[0]?.state === 'seen', 90_000);
    expect(await client.call('drills.cancel', {})).toMatchObject({ ok: true });
    await topicUntil(client, 'drills', ({ value }) => value?.results[0]?.id === started.value.id, 90_000);
    expect(await ended()).toMatchObject({ state: 'cancelled', result: 'cancelled: by a person' });
    expect(await pathExists(overstory('drills'))).toBe(false);
    expect(await client.call('drills.cancel', {})).toMatchObject({
      ok: false,
      error: { message: 'no fire drill runs' },
    });
  });

  it('what a killed engine left of a drill is cleared away by the next one; results are kept', async () => {
    await client.call('drills.start', { kind: 'crash' });
    const { id } = await ended();
    await project.stopEngine();
    await mkdir(overstory('drills', 'crash-left'), { recursive: true });
    await writeFile(overstory('drills', 'crash-left', 'x'), '');
    ({ client } = await project.start());
    expect((await ended()).id).toBe(id);
    await expect.poll(() => pathExists(overstory('drills'))).toBe(false);
  });

  it('an engine that closes ends its drill and leaves no sandbox', async () => {
    await client.call('drills.start', { kind: 'loop' });
    await topicUntil(client, 'drills', ({ value }) => value?.current?.state === 'running');
    await project.stopEngine();
    expect(await pathExists(overstory('drills'))).toBe(false);
  });
});

describe('the sandbox of a drill', () => {
  it("has the project's rules and settings this product reads without a question", () => {
    const modes = Object.fromEntries(
      WATCHDOG_RULES.map((rule, at) => [rule, (['live', 'shadow', 'off'] as const)[at % 3] ?? 'live']),
    ) as Modes;
    for (const kind of DRILL_KINDS) {
      const parsed = parseYamlMapping(settingsText(DRILL_PLANS[kind], modes), 'settings');
      if (!parsed.ok) throw new Error(parsed.error.message);
      const loaded = resolveConfig({}, parsed.value, '/sandbox');
      if (!loaded.ok) throw new Error(loaded.error.message);
      expect(loaded.value.warnings).toEqual([]);
      expect(loaded.value.config.controlRoom.watchdog.shadow).toContain('nudge');
      expect(loaded.value.config.controlRoom.watchdog.off).toContain('triage');
    }
  });
});
