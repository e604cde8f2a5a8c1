import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MergeTier } from '../../../contract/merges.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { isMissing } from '../util/files.ts';

/**
 * What one merge has in hand while it touches the checkout, on disk before it touches anything: enough for the next
 * engine to put everything back when this one is killed half way.
 */
export const MergeJournal = z.object({
  /** Names the merge in its stash entry and in the environment of its git processes. */
  id: z.string(),
  branch: z.string(),
  target: z.string(),
  /** Commit of the branch that is merged. */
  commit: z.string(),
  /** Branch the checkout was on when that was not the target, else null. */
  previousBranch: z.string().nullable(),
  /** Last tier entered; null until git is asked to merge, so that nothing on disk can be its work yet. */
  tier: MergeTier.nullable(),
});
export type MergeJournal = z.infer<typeof MergeJournal>;

/** Folder of journals, one a merge: `.overstory/run/merges`. */
function journalFolder(overstory: string): string {
  return join(overstory, 'run', 'merges');
}

/** Files put aside for one merge lie here, at their path inside the project. */
export function asideFolder(overstory: string, id: string): string {
  return join(journalFolder(overstory), `${id}.aside`);
}

/** Writes or replaces the journal of a merge. */
export async function writeJournal(overstory: string, journal: MergeJournal): Promise<void> {
  await writeFileAtomic(join(journalFolder(overstory), `${journal.id}.json`), JSON.stringify(journal));
}

/** Removes the journal of a merge that has put everything back. */
export async function removeJournal(overstory: string, id: string): Promise<void> {
  await rm(join(journalFolder(overstory), `${id}.json`), { force: true });
}

/** Journals of merges that never ended, oldest first (ids start with the time). */
export async function readJournals(overstory: string): Promise<MergeJournal[]> {
  let names: string[];
  try {
    names = (await readdir(journalFolder(overstory))).filter((name) => name.endsWith('.json')).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  const journals: MergeJournal[] = [];
  for (const name of names) {
    const parsed = MergeJournal.safeParse(parseJson(await readFile(join(journalFolder(overstory), name), 'utf8')));
    // Written atomically by us; anything else is of another version and stays for a person to look at.
    if (parsed.success) journals.push(parsed.data);
  }
  return journals;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Handled by the schema, which refuses null.
    return null;
  }
}
