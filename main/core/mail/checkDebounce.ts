import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';

/** Last debounced check of each agent, milliseconds since the epoch (`mail-check-state.json`, spec 02 §1.9). */
export type CheckState = Readonly<Record<string, number>>;

/** True when an agent checked less than `debounceMs` ago; a check dated ahead of the clock does not count. */
export function isDebounced(state: CheckState, agentName: string, debounceMs: number, now: number): boolean {
  const last = Object.hasOwn(state, agentName) ? state[agentName] : undefined;
  return last !== undefined && now >= last && now - last < debounceMs;
}

const pathOf = (overstoryDirectory: string): string => join(overstoryDirectory, 'mail-check-state.json');

/** Reads the state; a missing or damaged file is an empty one. */
export async function readCheckState(overstoryDirectory: string): Promise<CheckState> {
  try {
    const value: unknown = JSON.parse(await readFile(pathOf(overstoryDirectory), 'utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    );
  } catch {
    // Nobody has checked yet, or the file is damaged: then nothing is held back (spec 02 §1.9).
    return {};
  }
}

/** Notes a check that was carried out. Throws the file system's error. */
export async function noteCheck(overstoryDirectory: string, agentName: string, now: number): Promise<void> {
  const state = await readCheckState(overstoryDirectory);
  await writeFileAtomic(pathOf(overstoryDirectory), `${JSON.stringify({ ...state, [agentName]: now }, null, '\t')}\n`);
}
