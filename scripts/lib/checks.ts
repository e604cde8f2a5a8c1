import { packageScript, type Step } from './suites.ts';

/** Every layer with a tsconfig of its own, the slowest first so that two at a time end together. */
const LAYERS = ['renderer', 'main', 'main/electron', 'scripts', 'contract', 'e2e', 'preload', 'bench'] as const;

/** Static checks: format and lint, and the types of every layer. */
export function staticChecks(): readonly Step[] {
  const biome = packageScript('@biomejs/biome', 'bin/biome');
  const compiler = packageScript('typescript', 'bin/tsc');
  return [
    { title: 'biome', args: [biome, 'ci', '--colors=off', '--error-on-warnings'] },
    ...LAYERS.map((layer) => ({ title: `types of ${layer}`, args: [compiler, '-p', layer] })),
  ];
}

/** Arguments of vitest for the architecture tests. */
export const ARCHITECTURE_TESTS = ['--project', 'main', 'scripts/architecture'] as const;
