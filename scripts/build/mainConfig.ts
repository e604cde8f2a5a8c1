import { join } from 'node:path';
import type { BuildOptions, InlineConfig } from 'vite';
import { DIST, OV, presentEntries, ROOT } from './layout.ts';
import { ovChunk } from './ovChunks.ts';

type RolldownOptions = NonNullable<BuildOptions['rolldownOptions']>;

/** Left to `node_modules` at run time: Electron itself, native modules and their loaders, and pino, whose worker files are found by path. */
const EXTERNAL = ['electron', 'better-sqlite3', 'node-pty', 'pino', 'bufferutil', 'utf-8-validate'];

/**
 * The main side: one flat folder of ES modules, one file an entry and shared chunks beside them. Pure JavaScript
 * packages are bundled, which saves hundreds of file reads at start, most of all inside an asar.
 */
export function mainConfig(): InlineConfig {
  const { [OV]: _ov, ...input } = presentEntries();
  return sideConfig({
    input,
    external: EXTERNAL,
    output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
  });
}

/**
 * `ov`, which agents wait for at every tool call, as CommonJS: importing one of node's own modules into an ES module reads
 * each of its exports, and for `node:fs` alone that loads all of node's streams. Without blanks and comments, which are
 * most of what there is to read; names stay, for the sake of stack traces.
 */
export function ovConfig(): InlineConfig {
  return sideConfig({
    input: Object.fromEntries(Object.entries(presentEntries()).filter(([name]) => name === OV)),
    external: EXTERNAL,
    output: {
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
      minify: { compress: false, mangle: false },
      codeSplitting: {
        groups: [{ name: ovChunk, debugName: 'ov' }],
        // What the first file has stays in it.
        includeDependenciesRecursively: false,
      },
    },
  });
}

function sideConfig(rolldownOptions: RolldownOptions): InlineConfig {
  return {
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    ssr: { noExternal: true, external: EXTERNAL, target: 'node' },
    build: {
      ssr: true,
      outDir: join(DIST, 'main'),
      // Old chunks stay for a day: a running room imports some of its parts lazily by their hashed names.
      emptyOutDir: false,
      // Electron 33 of the tests carries Node 20.18.
      target: 'node20',
      minify: false,
      sourcemap: false,
      copyPublicDir: false,
      rolldownOptions,
    },
  };
}

/** The preload: one CommonJS file, because a sandboxed preload cannot be a module. */
export function preloadConfig(): InlineConfig {
  return {
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    build: {
      outDir: join(DIST, 'preload'),
      emptyOutDir: true,
      target: 'chrome130',
      minify: false,
      sourcemap: false,
      copyPublicDir: false,
      lib: { entry: join(ROOT, 'preload/index.ts'), formats: ['cjs'], fileName: () => 'index.cjs' },
      rolldownOptions: { external: ['electron'] },
    },
  };
}
