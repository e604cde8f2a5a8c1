import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exclusive } from '../lib/exclusive.ts';
import { copyDemoFiles } from './demoFiles.ts';
import { DIST, MAIN_ENTRIES, PART_NAMES, type Part, presentEntries, ROOT } from './layout.ts';
import { isSettled, listInputs, listSources, SOURCE_LIST, settle, unsettle, writeSourceList } from './sourceList.ts';
import { readStamp, staleParts, writeStamp } from './stamp.ts';

/** Hours that a chunk of an older build stays for rooms that still run on it. */
const OLD_CHUNK_HOURS = 24;

export interface BuildOptions {
  /** Builds every part, stale or not. */
  readonly force?: boolean;
  /** An entry or part whose source is absent is an error. */
  readonly strict?: boolean;
  readonly say: (line: string) => void;
}

/** Brings `dist` up to date and gives the parts that were built. Two builds at once wait for each other. */
export async function buildParts(options: BuildOptions): Promise<readonly Part[]> {
  if (options.force !== true && options.strict !== true && isSettled()) return [];
  return await exclusive(`build:${ROOT}`, async () => {
    const whole = refuseMissing(options);
    const [sources, inputs] = await Promise.all([listSources(), listInputs()]);
    await unsettle();
    const { hashes, stale } = await staleParts();
    const due = options.force === true ? PART_NAMES : stale;
    const built: Part[] = [];
    for (const part of due) {
      // Out of the stamp first, so that an interrupted build counts as stale.
      await writeStamp({ ...(await readStamp()), [part]: undefined });
      if (part === 'main') await rm(SOURCE_LIST, { force: true });
      if (!(await buildPart(part, options.say))) continue;
      await writeStamp({ ...(await readStamp()), [part]: hashes[part] });
      built.push(part);
    }
    if (built.includes('main') || !due.includes('main')) await writeSourceList(sources);
    await copyDemoFiles();
    if (whole && built.length === due.length) await settle(inputs);
    return built;
  });
}

/** True when nothing is missing. */
function refuseMissing(options: BuildOptions): boolean {
  const present = presentEntries();
  const missing = Object.entries(MAIN_ENTRIES).filter(([name]) => present[name] === undefined);
  if (!existsSync(join(ROOT, 'renderer/index.html'))) missing.push(['renderer', 'renderer/index.html']);
  for (const [name, source] of missing) {
    const line = `${name}: ${source} does not exist`;
    if (options.strict === true) throw new Error(`${line}; a complete build needs it`);
    options.say(`${line}, left out`);
  }
  return missing.length === 0;
}

async function buildPart(part: Part, say: (line: string) => void): Promise<boolean> {
  const started = performance.now();
  const { build } = await import('vite');
  const { mainConfig, ovConfig, preloadConfig } = await import('./mainConfig.ts');
  if (part === 'main' && Object.keys(presentEntries()).length === 0) return false;
  if (part === 'renderer') {
    const configFile = join(ROOT, 'scripts/build/renderer.config.ts');
    if (!existsSync(configFile) || !existsSync(join(ROOT, 'renderer/index.html'))) return false;
    await build({ configFile, configLoader: 'native', logLevel: 'warn', mode: 'production' });
  } else {
    await build(part === 'main' ? mainConfig() : preloadConfig());
    if (part === 'main') {
      await build(ovConfig());
      await removeOldChunks(started);
    }
  }
  say(`built ${part} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return true;
}

/** Removes files of `dist/main` that no build wrote for a day. */
async function removeOldChunks(started: number): Promise<void> {
  const folder = join(DIST, 'main');
  const oldest = performance.timeOrigin + started - OLD_CHUNK_HOURS * 3_600_000;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if ((await stat(path)).mtimeMs < oldest) await rm(path, { force: true });
  }
}
