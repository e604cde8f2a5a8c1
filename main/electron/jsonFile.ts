import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../platform/atomicFile.ts';

/** Reads a small JSON file of ours; undefined when it is absent or unreadable, which callers treat as a first start. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    // Absent on a first start; a damaged one holds nothing but comforts and is written anew.
    return undefined;
  }
}

/** Writes it in the background. What it holds is a comfort, so a failure is one line on stderr and nothing more. */
export function saveJson(path: string, value: unknown): void {
  writeFileAtomic(path, `${JSON.stringify(value)}\n`).catch((error: Error) => {
    process.stderr.write(`${path} could not be saved: ${error.message}\n`);
  });
}
