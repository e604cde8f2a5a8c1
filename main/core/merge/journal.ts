import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MergeTier } from '../../../contract/merges.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { isMissing } from '../util/files.ts';

/**
 * What one merge has in hand, on disk before it touches anything: enough for the next engine to settle the merge and put
 * the checkout back when this one is killed half way.
 */
export const MergeJournal = z.object({
  /** Names the merge in its stash entry and in the environment of its git processes. */
  id: z.string(),
  branch: z.string(),
  target: z.string(),
  /** Commit of the branch that is merged. */
  commit: z.string(),
  /** Last tier entered; null until git is asked to merge. */
  tier: MergeTier.nullable(),
  /** Set before the target is moved: from then on files of a checkout may be half written. */
  advance: z
    .object({
      from: z.string(),
      to: z.string(),
      /** Worktree whose files follow; null when the branch is checked out nowhere. */
      holder: z.string().nullable(),
      /** Untracked files that were made known to its index. */
      adopted: z.array(z.string()),
    })
    .nullable(),
});
export type MergeJournal = z.infer<typeof MergeJournal>;

/** Folder of journals, one a merge: `.overstory/run/merges`. */
function journalFolder(overstory: string): string {
  return join(overstory, 'run', 'merges');
}

/** Path for something one merge needs on disk for a while, beside its journal. */
export function scratchPath(overstory: string, id: string, name: string): string {
  return join(journalFolder(overstory), `${id}.${name}`);
}

/** A journal of a merge that is about to begin. */
export function newJournal(facts: Pick<MergeJournal, 'id' | 'branch' | 'target' | 'commit'>): MergeJournal {
  return { ...facts, tier: null, advance: null };
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
