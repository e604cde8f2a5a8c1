import { fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';

/** Where overstory's tracker keeps its issues. */
const SEEDS = '.seeds';

/**
 * Brings what a lead's branch changed of the tracker onto the canonical branch, before the branch goes (spec 02 §4.6). The
 * checkout must be on that branch and its tracker files clean, or nothing is touched. Must run while no merge uses the
 * checkout.
 * @returns true when a commit was made; false when the branch changed nothing there.
 */
export async function rescueSeeds(
  git: Git,
  lead: { readonly agentName: string; readonly branch: string },
  canonicalBranch: string,
): Promise<Result<boolean>> {
  const patch = await git([
    'diff',
    '--binary',
    '--no-ext-diff',
    '--end-of-options',
    `${canonicalBranch}...${lead.branch}`,
    '--',
    SEEDS,
  ]);
  if (patch.code !== 0) return problem(lead, patch.stderr);
  if (patch.stdout === '') return ok(false);
  const head = await git(['symbolic-ref', '--quiet', '--short', 'HEAD']);
  if (head.stdout.trim() !== canonicalBranch)
    return problem(lead, `the checkout is not on ${canonicalBranch}; check it out and try again`);
  const dirty = await git(['status', '--porcelain', '--', SEEDS]);
  if (dirty.stdout !== '') return problem(lead, `${SEEDS}/ has changes that are not committed; commit them first`);
  const applied = await git(['apply', '--index', '--whitespace=nowarn'], { input: patch.stdout });
  if (applied.code !== 0) return problem(lead, applied.stderr);
  const message = `chore: preserve ${SEEDS}/ changes from lead ${lead.agentName}`;
  // Only these files, whatever else a person has staged.
  const committed = await git(['commit', '--quiet', '--no-verify', '-m', message, '--only', '--', SEEDS]);
  if (committed.code === 0) return ok(true);
  await git(['apply', '--index', '--reverse', '--whitespace=nowarn'], { input: patch.stdout });
  return problem(lead, committed.stderr);
}

function problem(lead: { readonly agentName: string }, reason: string): Result<never> {
  const line = reason.trim().split('\n')[0] ?? '';
  return fail('worktree', `the tracker changes of lead ${lead.agentName} cannot be saved: ${line}`);
}
