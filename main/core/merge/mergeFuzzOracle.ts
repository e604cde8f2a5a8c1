import type { LossFinding } from '../../../contract/lossAudit.ts';
import { contentOf, type GeneratedHistory, type GeneratedTree, TAG } from './mergeFuzzHistories.ts';

/** What a merge lost by plain looking: knows tags and nothing of the auditor's ways. */
export interface OracleFinding {
  readonly side: 'target' | 'branch';
  readonly what: 'added line gone' | 'removed line back' | 'conflict marker';
  readonly tag: string;
}

/**
 * Looks for every tag a side brought in the merged tree, and for every tag a side took out and the other left where it
 * was. Lines that were carried elsewhere are not judged when they are back, because git works by lines and not by moves.
 * @param result content of each file of the merged tree.
 */
export function judgeMerge(history: GeneratedHistory, result: ReadonlyMap<string, Buffer>): OracleFinding[] {
  const there = new Set([...result.values()].flatMap((content) => tagsOf(content.toString('latin1'))));
  const base = tagsOfTree(history.base);
  const findings: OracleFinding[] = [];
  for (const side of ['target', 'branch'] as const) {
    const own = tagsOfTree(history[side]);
    for (const tag of own) {
      if (!base.has(tag) && !there.has(tag)) findings.push({ side, what: 'added line gone', tag });
    }
    for (const tag of base) {
      if (own.has(tag) || !there.has(tag) || history.carried.has(tag)) continue;
      findings.push({ side, what: 'removed line back', tag });
    }
  }
  for (const content of result.values()) {
    if (/^(?:<{7}|>{7}) /m.test(content.toString('latin1'))) {
      findings.push({ side: 'target', what: 'conflict marker', tag: '' });
    }
  }
  return findings;
}

/** True when a finding of the auditor is about this very line: looked up by file and number in the generated tree. */
export function isNamed(history: GeneratedHistory, finding: LossFinding, loss: OracleFinding): boolean {
  if (finding.side !== loss.side) return false;
  const tree = finding.what === 'removed' ? history.base : history[finding.side];
  const file = tree.get(finding.file) ?? history.base.get(finding.file);
  if (file === undefined) return false;
  if (finding.line === 0) return tagsOf(contentOf(file).toString('latin1')).includes(loss.tag);
  if (file.kind !== 'text') return false;
  const lines = file.lines.slice(finding.line - 1, finding.line - 1 + finding.lines);
  return lines.some((line) => line.includes(loss.tag));
}

function tagsOfTree(tree: GeneratedTree): Set<string> {
  return new Set([...tree.values()].flatMap((file) => tagsOf(contentOf(file).toString('latin1'))));
}

function tagsOf(text: string): string[] {
  return [...text.matchAll(TAG)].map(([tag]) => tag);
}
