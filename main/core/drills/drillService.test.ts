import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DrillsView } from '../../../contract/drills.ts';
import { fail } from '../../../contract/result.ts';
import { systemClock } from '../../platform/clock.ts';
import { pathExists } from '../util/files.ts';
import type { Modes } from './drillPlan.ts';
import { createDrills } from './drillService.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocr-drills-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('a drill that is asked for before the engine has looked around keeps its sandbox', async () => {
  const left = join(folder, 'drills', 'crash-left');
  await mkdir(left, { recursive: true });
  await writeFile(join(left, 'x'), '');
  const seen: { readonly sandbox: boolean; readonly left: boolean }[] = [];
  const views: DrillsView[] = [];
  const drills = createDrills({
    overstoryDirectory: folder,
    clock: systemClock,
    log: () => {},
    control: { getSetting: () => null, putSetting: () => {} },
    modes: () => ({}) as Modes,
    fleetPaused: () => false,
    async start(root) {
      await drills.recover();
      seen.push({ sandbox: await pathExists(join(root, '.git')), left: await pathExists(left) });
      return fail('unavailable', 'enough was seen');
    },
    publish: (view) => views.push(view),
  });
  expect(drills.start('crash')).toMatchObject({ ok: true });
  await drills.recover();
  await expect.poll(() => views.at(-1)?.results[0]?.result).toContain('enough was seen');
  expect(seen).toEqual([{ sandbox: true, left: false }]);
  await drills.close();
});
