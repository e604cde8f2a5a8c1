import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuntimeView } from '../../../contract/runtimes.ts';
import { PRODUCT_VERSION } from '../../../contract/version.ts';
import { CANARY_SETTING } from '../../core/agents/guardCanary.ts';
import { type ChaosProject, createChaosProject } from '../../core/chaos/chaosProject.ts';
import { openControl } from '../../core/control/controlStore.ts';
import { must } from '../../core/db/testing/folder.ts';

let project: ChaosProject;
beforeAll(async () => {
  project = await createChaosProject();
});
afterAll(() => project.dispose());

async function claude(): Promise<RuntimeView | undefined> {
  const { stdout } = await project.ov(['agents', 'runtimes', '--json']);
  const { runtimes } = JSON.parse(stdout) as { readonly runtimes: readonly RuntimeView[] };
  return runtimes.find((runtime) => runtime.name === 'claude');
}

/** Keeps what an engine’s canary call would have found. */
function keep(version: string | null, holds: boolean): void {
  const control = must(openControl(join(project.root, '.overstory/control-room.db')));
  const found = { version, product: PRODUCT_VERSION, holds, detail: 'found', checkedAt: '2026-11-01T00:00:00.000Z' };
  control.putSetting(CANARY_SETTING, { claude: found });
  control.close();
}

describe('ov agents runtimes without an engine', { timeout: 180_000 }, () => {
  it('says how far guards hold by what the last canary call has shown, and asks nothing anew', async () => {
    const first = await claude();
    expect(first?.guard).toMatchObject({ level: 'advisory', verified: null });
    const version = first?.version ?? null;
    keep(version, true);
    expect((await claude())?.guard).toMatchObject({ level: 'advisory', verified: true });
    keep(version, false);
    expect((await claude())?.guard).toMatchObject({ level: 'absent', verified: false, note: 'found' });
    keep('another version', true);
    expect((await claude())?.guard).toMatchObject({ level: 'advisory', verified: null });
  });
});
