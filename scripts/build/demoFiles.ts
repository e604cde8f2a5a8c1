import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DIST, ROOT } from './layout.ts';

/**
 * Lays the rehearsal's sample repository and specs beside the built program, which a packaged app makes its demo from
 * (main/core/demo/demoFiles.ts). A few small files: copied at every build rather than compared.
 */
export async function copyDemoFiles(): Promise<void> {
  for (const part of ['sample', 'specs']) {
    const target = join(DIST, 'demo', part);
    await rm(target, { recursive: true, force: true });
    await cp(join(ROOT, 'scripts/demo', part), target, { recursive: true });
  }
}
