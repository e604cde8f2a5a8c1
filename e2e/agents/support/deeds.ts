import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { type Reply, shell } from './scriptedModel.ts';

/** The agent reports its result: the last thing it does. */
export const done = (name: string): Reply =>
  shell(`ov mail send --agent ${name} --to operator --type worker_done --subject Done --body "All done."`);

/** Number in a file that a process writes, once it is there. */
export async function numberIn(path: string): Promise<number> {
  await expect.poll(() => readFile(path, 'utf8').catch(() => '')).toMatch(/^\d+\n/);
  return Number(await readFile(path, 'utf8'));
}
