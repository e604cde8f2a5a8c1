import type { Git } from '../git/git.ts';

/** Where merges happen. */
export interface MergeSite {
  /** Runs git in the project root; its environment names the merge, see `siteFor`. */
  readonly git: Git;
  readonly root: string;
  /** Absolute path of `.overstory`. */
  readonly overstory: string;
}

/** Environment variable that marks the git processes of one merge, so that a later engine can wait for orphans. */
export const MERGE_ID_VARIABLE = 'OVERSTORY_MERGE_ID';

/** Marks what a merge only asks or checks with (gates, hooks, models): left over, it is ended instead of waited for. */
export const MERGE_CHECK_VARIABLE = 'OVERSTORY_MERGE_CHECK';

/** The same site, with every git process marked as belonging to one merge. */
export function siteFor(site: MergeSite, id: string): MergeSite {
  const git: Git = (args, options) => site.git(args, { ...options, env: { ...options?.env, [MERGE_ID_VARIABLE]: id } });
  return { ...site, git };
}
