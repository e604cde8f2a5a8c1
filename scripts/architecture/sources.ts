import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../build/layout.ts';
import { runOrThrow } from '../lib/run.ts';

/** A file of the checkout, by its path from the root with `/`. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** Every file that is tracked or would be: what git lists, less what it ignores and what is deleted. */
export async function listFiles(): Promise<readonly string[]> {
  const list = async (...flags: string[]): Promise<string[]> =>
    (await runOrThrow('git', ['ls-files', '-z', ...flags], { cwd: ROOT })).stdout
      .split('\0')
      .filter((path) => path !== '');
  const [present, deleted] = await Promise.all([list('--cached', '--others', '--exclude-standard'), list('--deleted')]);
  const gone = new Set(deleted);
  return [...new Set(present)].filter((path) => !gone.has(path)).toSorted();
}

/** Reads those of the listed files that `wanted` names. */
export async function readSources(wanted: (path: string) => boolean): Promise<readonly Source[]> {
  const paths = (await listFiles()).filter(wanted);
  const sources = paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') }));
  return await Promise.all(sources);
}

/** Code of the product and of its tools. */
export function isCode(path: string): boolean {
  return /\.(ts|tsx|cts|mts|cjs|mjs|js|css)$/.test(path) && !path.endsWith('.d.ts');
}

/** Tests and their helpers: they may reach further than what they test. */
export function isTest(path: string): boolean {
  return /\.(test|spec)\.tsx?$/.test(path) || path.startsWith('e2e/') || /(^|\/)testing\//.test(path);
}
