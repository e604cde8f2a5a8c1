import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { LossFinding } from '../../../contract/lossAudit.ts';
import type { MergeTier } from '../../../contract/merges.ts';
import { splitNul } from '../git/git.ts';
import { NO_HISTORY } from './conflictHistory.ts';
import { auditMerge } from './lossAuditMerge.ts';
import { branchName, type GeneratedHistory, generateHistory, importStream, targetName } from './mergeFuzzHistories.ts';
import { isNamed, judgeMerge, type OracleFinding } from './mergeFuzzOracle.ts';
import { NOBODY } from './mergeTrace.ts';
import { mergeTree } from './mergeTree.ts';
import { predictMerge } from './prediction.ts';
import { readObjects } from './readObjects.ts';
import { type SampleRepository, sampleRepository } from './sampleRepository.ts';
import { climbTiers, type TierAids } from './tiers.ts';
import { replaceInTree } from './writeTree.ts';

/** How one generated merge went. */
export interface FuzzCase {
  readonly seed: number;
  readonly steps: GeneratedHistory['steps'];
  readonly predicted: MergeTier;
  /** The tier that merged it; null when tiers 1 and 2 left it to somebody. */
  readonly merged: MergeTier | null;
  readonly oracle: readonly OracleFinding[];
  /** The auditor's findings; empty for what was not merged. */
  readonly findings: readonly LossFinding[];
  /** What the oracle found and no finding of the auditor names. There must be none. */
  readonly silent: readonly OracleFinding[];
  /** A line taken out of the result on purpose, and whether the auditor names it. */
  readonly planted: { readonly tag: string; readonly found: boolean } | null;
}

export interface FuzzOptions {
  readonly firstSeed: number;
  readonly count: number;
  /** Of so many merges one has a loss planted into it. */
  readonly plantEvery: number;
  readonly onBatch?: (done: number) => void;
}

/** Histories in one repository; more only make its list of branches long. */
const BATCH = 200;
/** Merges under way at once; the engine's own limit of git processes holds besides. */
const AT_ONCE = 4;

/** Runs generated histories through tiers 1 and 2 and the loss auditor, in repositories of their own. */
export async function runMergeFuzz(options: FuzzOptions): Promise<readonly FuzzCase[]> {
  const cases: FuzzCase[] = [];
  for (let from = 0; from < options.count; from += BATCH) {
    const size = Math.min(BATCH, options.count - from);
    const histories = Array.from({ length: size }, (_, index) => generateHistory(options.firstSeed + from + index));
    const repo = await sampleRepository({ '.gitattributes': '*.log merge=union\n' });
    try {
      await importHistories(repo, histories);
      const waiting = [...histories];
      const worker = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          cases.push(await mergeHistory(repo, next, next.seed % options.plantEvery === 0));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    } finally {
      await repo.remove();
    }
    options.onBatch?.(cases.length);
  }
  return cases.sort((one, other) => one.seed - other.seed);
}

async function importHistories(repo: SampleRepository, histories: readonly GeneratedHistory[]): Promise<void> {
  const output = await repo.git(['fast-import', '--quiet'], { input: importStream(histories) });
  if (output.code !== 0) throw new Error(`git fast-import: ${output.stderr}`);
}

const NO_AIDS: Omit<TierAids, 'signal'> = {
  model: null,
  aiResolve: false,
  reimagine: false,
  history: async () => NO_HISTORY,
  context: async () => {
    throw new Error('no model is asked in tiers 1 and 2');
  },
  observe: NOBODY,
  modelUse: () => null,
  onTier: async () => {},
};

async function mergeHistory(repo: SampleRepository, history: GeneratedHistory, plant: boolean): Promise<FuzzCase> {
  const { git } = repo;
  const [target, branch] = [targetName(history.seed), branchName(history.seed)];
  const predicted = await predictMerge(git, branch, target);
  if (!predicted.ok) throw new Error(predicted.error.message);
  const done = await mergedTree(repo, target, branch);
  const facts = { seed: history.seed, steps: history.steps, predicted: predicted.value.predictedTier };
  if (done === null) return { ...facts, merged: null, oracle: [], findings: [], silent: [], planted: null };
  const files = await filesOf(repo, done.tree);
  const oracle = judgeMerge(history, new Map([...files].map(([path, file]) => [path, file.content])));
  const findings = await audited(repo, target, branch, done.tree);
  return {
    ...facts,
    merged: done.tier,
    oracle,
    findings,
    silent: oracle.filter((loss) => !findings.some((finding) => isNamed(history, finding, loss))),
    planted: plant ? await plantLoss(repo, history, done.tree, files) : null,
  };
}

async function mergedTree(
  repo: SampleRepository,
  target: string,
  branch: string,
): Promise<{ readonly tree: string; readonly tier: MergeTier } | null> {
  const merged = await mergeTree(repo.git, target, branch);
  if (!merged.ok) throw new Error(merged.error.message);
  if (merged.value.clean) return { tree: merged.value.tree, tier: 'clean-merge' };
  const aids: TierAids = { ...NO_AIDS, signal: new AbortController().signal };
  const climbed = await climbTiers(repo.site, merged.value, aids, indexFile(repo));
  if (!climbed.ok) throw new Error(climbed.error.message);
  return 'tree' in climbed.value ? { tree: climbed.value.tree, tier: climbed.value.tier } : null;
}

const indexFile = (repo: SampleRepository): string => join(repo.overstory, `index-${randomBytes(6).toString('hex')}`);

async function audited(
  repo: SampleRepository,
  ours: string,
  theirs: string,
  result: string,
): Promise<readonly LossFinding[]> {
  const audit = await auditMerge(repo.git, { ours, theirs, result });
  if (!audit.ok) throw new Error(audit.error.message);
  const { findings } = audit.value;
  const lost = findings.some((finding) => finding.verdict === 'lost');
  if (audit.value.ok === lost) throw new Error('the verdict contradicts the findings');
  return findings;
}

interface MergedFile {
  readonly mode: string;
  readonly content: Buffer;
}

async function filesOf(repo: SampleRepository, tree: string): Promise<ReadonlyMap<string, MergedFile>> {
  const entries = splitNul(await repo.run('ls-tree', '-r', '-z', tree)).map((entry) => {
    const [head = '', path = ''] = entry.split('\t');
    const [mode = '', , oid = ''] = head.split(' ');
    return { path, mode, oid };
  });
  const blobs = await readObjects(
    repo.git,
    entries.map(({ oid }) => oid),
  );
  return new Map(
    entries.map(({ path, mode, oid }) => [path, { mode, content: blobs.get(oid) ?? Buffer.alloc(0) }] as const),
  );
}

/** Takes one line somebody added out of the merged tree, which the auditor then has to name. */
async function plantLoss(
  repo: SampleRepository,
  history: GeneratedHistory,
  tree: string,
  files: ReadonlyMap<string, MergedFile>,
): Promise<FuzzCase['planted']> {
  for (const [path, { mode, content }] of files) {
    const lines = content.toString('latin1').split(/(?<=\n)/);
    const at = lines.findIndex((line) => /#[tw]\d+#/.test(line) && !line.includes('\0'));
    if (at < 0) continue;
    const tag = lines[at]?.match(/#[tw]\d+#/)?.[0] ?? '';
    const without = Buffer.from(lines.toSpliced(at, 1).join(''), 'latin1');
    const planted = await replaceInTree(repo.git, tree, [{ path, mode, content: without }], indexFile(repo));
    if (!planted.ok) throw new Error(planted.error.message);
    const findings = await audited(repo, targetName(history.seed), branchName(history.seed), planted.value);
    const loss: OracleFinding = { side: tag.startsWith('#t') ? 'target' : 'branch', what: 'added line gone', tag };
    return { tag, found: findings.some((finding) => isNamed(history, finding, loss)) };
  }
  return null;
}
