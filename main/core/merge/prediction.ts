import type { MergePrediction } from '../../../contract/merges.ts';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { type Git, splitNul } from '../git/git.ts';
import { autoResolve } from './autoResolve.ts';
import {
  blobText,
  branchCommit,
  gitLine,
  hasUnionAttribute,
  parseUnmerged,
  type UnmergedFile,
} from './repositoryState.ts';

/**
 * Says which tier a merge would need, without touching HEAD, index, files, queue or lock (spec 02 §2.7). The merge base
 * is git's own choice, because naming it needs git 2.40; a file without readable markers counts as blocking, because
 * tier 2 cannot resolve it either (both TRAPs there).
 */
export async function predictMerge(
  git: Git,
  branch: string,
  target: string,
): Promise<Result<MergePrediction, CallError>> {
  const into = await branchCommit(git, target);
  if (into === null) return fail('merge', `Branch ${target} not found; name a local branch to merge into`);
  const tip = await branchCommit(git, branch);
  if (tip === null) return fail('merge', `Branch ${branch} not found; it may have been removed`);
  const base = await git(['merge-base', into, tip]);
  if (base.code !== 0) return fail('merge', `No common ancestor of ${branch} and ${target}; git cannot merge them`);
  if (base.stdout.trim() === tip)
    return ok(predicted('clean-merge', [], `${branch} is already an ancestor of ${target}`));
  const tree = await git(['merge-tree', '--write-tree', '-z', '--no-messages', into, tip]);
  if (tree.code > 1) return fail('merge', `git cannot try this merge: ${gitLine(tree.stderr)}`);
  const [resultTree = '', ...entries] = splitNul(tree.stdout);
  const files = parseUnmerged(entries);
  if (tree.code === 0 || files.length === 0)
    return ok(predicted('clean-merge', [], 'git merges it without a conflict'));
  const paths = files.map((file) => file.path);
  const blocking: string[] = [];
  let reason = '';
  for (const file of files) {
    const why = await whyBlocking(git, resultTree, file);
    if (why === null) continue;
    blocking.push(file.path);
    if (reason === '') reason = `${file.path}: ${why}`;
  }
  if (blocking.length === 0) {
    return ok(predicted('auto-resolve', paths, 'every conflict can be resolved without dropping a line'));
  }
  const count = blocking.length === 1 ? '' : `${blocking.length} files, among them `;
  return ok(predicted('ai-resolve', paths, `needs a decision in ${count}${reason}`));
}

async function whyBlocking(git: Git, resultTree: string, file: UnmergedFile): Promise<string | null> {
  const content = await git(['cat-file', 'blob', `${resultTree}:${file.path}`]);
  const base = await blobText(git, file.stages[1]?.oid);
  const ours = await blobText(git, file.stages[2]?.oid);
  const theirs = await blobText(git, file.stages[3]?.oid);
  const resolution = autoResolve({
    file,
    union: await hasUnionAttribute(git, file.path),
    content: content.code === 0 ? content.stdout : '',
    base: base.ok ? base.value : '',
    ours: ours.ok ? ours.value : '',
    theirs: theirs.ok ? theirs.value : '',
  });
  return resolution.kind === 'blocked' ? resolution.reason : null;
}

function predicted(
  predictedTier: MergePrediction['predictedTier'],
  conflictFiles: string[],
  reason: string,
): MergePrediction {
  const wouldRequireAgent = predictedTier === 'ai-resolve' || predictedTier === 'reimagine';
  return { predictedTier, conflictFiles, wouldRequireAgent, reason };
}
