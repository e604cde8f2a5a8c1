import { ensureDebianPackages } from '../testElectron/debianPackages.ts';
import { prepareTestElectron } from '../testElectron/prepare.ts';
import { onVirtualScreen } from './endToEnd.ts';
import { runVitest, type SuiteResult } from './suites.ts';

/** Runs the visual tests in the Electron of the end-to-end tests; with `update` differing pictures become the baselines. */
export async function runVisual(options: {
  readonly say: (line: string) => void;
  readonly update: boolean;
  readonly filters: readonly string[];
}): Promise<SuiteResult> {
  await ensureDebianPackages(options.say);
  await prepareTestElectron(options.say);
  return await runVitest('visual', {
    args: ['--config', 'scripts/visual.vitest.config.ts', ...options.filters],
    env: { UPDATE_BASELINES: options.update ? '1' : '0', NODE_ENV: 'production' },
    wrap: onVirtualScreen(),
  });
}
