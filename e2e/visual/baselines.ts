import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { comparePictures } from './comparePictures.ts';

/** Where the reviewed pictures are kept. */
const FOLDER = join(import.meta.dirname, 'baselines');

/** True when differing pictures become the new baselines: `npm run visual -- --update`. */
const UPDATE = process.env.UPDATE_BASELINES === '1';
const HOW_TO_ACCEPT = 'Look at the pictures; when the change is meant, accept it by "npm run visual -- --update".';

let failures: string | null = null;

/** The pictures that a run compared, so that those nobody takes any more are found. */
export interface Baselines {
  /** Compares a picture with its baseline; throws one paragraph that names the pictures when they differ. */
  check(name: string, actual: Buffer): Promise<void>;
  /** Names of baselines that no picture was compared with; removed when baselines are updated. */
  unused(): Promise<readonly string[]>;
}

/** Starts a run over the kept pictures. */
export function openBaselines(): Baselines {
  const seen = new Set<string>();
  return {
    async check(name, actual) {
      const file = `${name}.png`;
      if (seen.has(file)) throw new Error(`two pictures are called ${name}`);
      seen.add(file);
      const baseline = await readFile(join(FOLDER, file)).catch(() => null);
      if (baseline === null) {
        if (!UPDATE) throw new Error(`There is no baseline of ${name}. ${HOW_TO_ACCEPT}`);
        return await write(file, actual);
      }
      const compared = comparePictures(baseline, actual);
      if (compared.same) return;
      if (UPDATE) return await write(file, actual);
      failures ??= await mkdtemp(join(tmpdir(), 'ocr-visual-'));
      const place = join(failures, name);
      await writeFile(`${place}-actual.png`, actual);
      await writeFile(`${place}-baseline.png`, baseline);
      if (compared.diff !== null) await writeFile(`${place}-diff.png`, compared.diff);
      throw new Error(
        `${name} looks different: ${compared.words}. See ${place}-{actual,baseline,diff}.png. ${HOW_TO_ACCEPT}`,
      );
    },
    async unused() {
      // Before the first update there is no folder, and nothing that could be unused.
      const names = await readdir(FOLDER).catch(() => []);
      const rest = names.filter((name) => name.endsWith('.png') && !seen.has(name));
      if (!UPDATE) return rest;
      for (const name of rest) await rm(join(FOLDER, name));
      return [];
    },
  };
}

async function write(file: string, picture: Buffer): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, file), picture);
  process.stdout.write(`new baseline: e2e/visual/baselines/${file}\n`);
}
