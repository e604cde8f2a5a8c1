import type { LossFinding } from '../../../contract/lossAudit.ts';
import type { Git } from '../git/git.ts';

/**
 * Lines that are back in a file of `merge=union`: such a file keeps the lines of both sides by its owner's word, the ones
 * one side removed beside a change of the other included. They are superseded and no loss. Asks git only when there are any.
 */
export async function withoutUnions(git: Git, findings: readonly LossFinding[]): Promise<readonly LossFinding[]> {
  const isBack = (finding: LossFinding): boolean => finding.verdict === 'lost' && finding.what === 'removed';
  const paths = [...new Set(findings.filter(isBack).map((finding) => finding.by?.file ?? finding.file))];
  if (paths.length === 0) return findings;
  const input = paths.map((path) => `${path}\0`).join('');
  const output = await git(['check-attr', '-z', '--stdin', 'merge'], { input });
  const parts = output.stdout.split('\0');
  const union = new Set(parts.filter((_part, index) => index % 3 === 0 && parts[index + 2] === 'union'));
  return findings.map((finding) =>
    isBack(finding) && union.has(finding.by?.file ?? finding.file)
      ? { ...finding, verdict: 'superseded', reason: 'it was removed, and merge=union keeps the lines of both sides' }
      : finding,
  );
}
