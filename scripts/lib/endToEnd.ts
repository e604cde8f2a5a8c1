import { FACES, type Face } from '../../e2e/support/faces.ts';
import { buildParts } from '../build/buildParts.ts';
import { ensureDebianPackages } from '../testElectron/debianPackages.ts';
import { prepareTestElectron } from '../testElectron/prepare.ts';
import { runVitest, type SuiteResult } from './suites.ts';

/** Brings what the end-to-end tests need: Debian packages, an Electron, an up-to-date build. Throws one readable line. */
export async function prepareEndToEnd(say: (line: string) => void): Promise<void> {
  await ensureDebianPackages(say);
  const electron = await prepareTestElectron(say);
  say(`Electron for tests: ${electron.official ? 'the official one' : 'the pinned one'}, ${electron.folder}`);
  process.env.NODE_ENV ??= 'production';
  await buildParts({ say, strict: true });
  delete process.env.NODE_ENV;
}

/** Command that gives the windows of a run a screen of their own. */
export function onVirtualScreen(): readonly string[] {
  return process.platform === 'linux' ? ['xvfb-run', '-a', '-s', '-screen 0 1920x1080x24'] : [];
}

/** Runs the specs in each of these faces; windows go to a virtual screen of their own. */
export async function runEndToEnd(faces: readonly Face[], filters: readonly string[]): Promise<readonly SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (const face of faces) {
    results.push(
      await runVitest(`e2e-${face}`, {
        args: ['--config', 'scripts/e2e.vitest.config.ts', ...filters],
        env: { FACE: face },
        wrap: onVirtualScreen(),
      }),
    );
  }
  return results;
}

/** Faces named by `--face=...`, all of them when none is. */
export function chosenFaces(args: readonly string[]): readonly Face[] {
  const names = args
    .filter((argument) => argument.startsWith('--face='))
    .map((argument) => argument.slice('--face='.length));
  const unknown = names.find((name) => !FACES.some((face) => face === name));
  if (unknown !== undefined) throw new Error(`there is no face "${unknown}"; there are ${FACES.join(' and ')}.`);
  return names.length === 0 ? FACES : FACES.filter((face) => names.includes(face));
}
