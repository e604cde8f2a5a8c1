import type { Holder } from './checkout.ts';

/** State the tools themselves keep in the repository; it is committed, never merged over (spec 02 §2.4, step 2). */
const RUNTIME_STATE = /^(?:\.seeds\/|\.overstory\/|\.greenhouse\/|\.mulch\/|\.canopy\/|\.claude\/|CLAUDE\.md$)/;
const RUNTIME_COMMIT_MESSAGE = 'chore: sync os-eco runtime state';

/**
 * Commits changed runtime state with exactly those paths: the reference's commit swept in whatever else was staged
 * (spec 02 §2.4, TRAP). True when the target has a new commit.
 */
export async function commitRuntimeState(holder: Holder, dirty: readonly string[]): Promise<boolean> {
  const paths = dirty.filter((path) => RUNTIME_STATE.test(path));
  if (paths.length === 0) return false;
  const literal = paths.map((path) => `:(top,literal)${path}`);
  // A refusal (hook, identity) is no reason not to merge: the files are then ordinary uncommitted changes.
  const output = await holder.git(['commit', '--quiet', '--message', RUNTIME_COMMIT_MESSAGE, '--', ...literal]);
  return output.code === 0;
}
