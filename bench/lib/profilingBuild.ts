import { join } from 'node:path';
import type { BenchContext } from './measure.ts';
import { temporaryFolder } from './project.ts';

/**
 * Builds the page as `scripts/build/renderer.config.ts` does, with the profiling build of React instead of the plain
 * one. Gives the folder, which goes away with the measure.
 */
export async function buildProfilingPage(context: BenchContext): Promise<string> {
  const { build } = await import('vite');
  const outDir = await temporaryFolder(context);
  await build({
    configFile: join(import.meta.dirname, '../../scripts/build/renderer.config.ts'),
    configLoader: 'native',
    logLevel: 'warn',
    mode: 'production',
    resolve: { alias: [{ find: /^react-dom\/client$/, replacement: 'react-dom/profiling' }] },
    build: { outDir, emptyOutDir: true },
  });
  return outDir;
}
