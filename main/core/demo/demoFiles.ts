import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

const here = import.meta.filename;

/** Folder of the sample repository and its specs: in the checkout, or beside the built program (scripts/build/demoFiles.ts). */
const FOLDER = here.endsWith('.ts') ? join(dirname(here), '../../../scripts/demo') : join(dirname(here), '..', 'demo');

/** Files of the sample repository by path, with forward slashes. Read one by one: inside an asar nothing else works. */
export async function readSampleFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const root = join(FOLDER, 'sample');
  const files = new Map<string, Uint8Array>();
  const look = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await look(path);
      else files.set(relative(root, path).split(sep).join('/'), await readFile(path));
    }
  };
  await look(root);
  return files;
}

/** Text of one of the demo's specs. */
export function readSpecText(id: string): Promise<string> {
  return readFile(join(FOLDER, 'specs', `${id}.md`), 'utf8');
}
