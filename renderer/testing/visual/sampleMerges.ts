import type { ConflictHunk, ConflictList } from '../../../contract/conflicts.ts';
import type { MergeDetail, MergeTraceStep } from '../../../contract/mergeDetail.ts';
import type { MergeView } from '../../../contract/merges.ts';
import { ago, mergeView } from '../fixtures.ts';
import type { PlayedRoom } from '../playedRoom.ts';
import { play } from './play.ts';

/** The queue of the pictures: one branch in conflict, one that waits, two that are in. */
export function sampleMerges(): readonly MergeView[] {
  return [
    mergeView(1, {
      agentName: 'pdf-writer',
      branchName: 'overstory/pdf-writer/OV-29',
      taskId: 'OV-29',
      filesModified: ['src/export/pdf.ts', 'src/export/index.ts', 'package.json', 'test/pdf.test.ts'],
      conflictFiles: ['src/export/pdf.ts', 'package.json'],
      resolvedTier: 'ai-resolve',
      errorMessage: '2 files conflict: resolve them on the branch and merge again.',
      enqueuedAt: ago(190),
      finishedAt: ago(120),
    }),
    mergeView(2, {
      agentName: 'dedupe',
      branchName: 'overstory/dedupe/OV-33',
      taskId: 'OV-33',
      status: 'pending',
      filesModified: ['src/import/dedupe.ts', 'test/dedupe.test.ts'],
      conflictFiles: [],
      enqueuedAt: ago(45),
    }),
    mergeView(3, {
      agentName: 'parser',
      branchName: 'overstory/parser/OV-26',
      taskId: 'OV-26',
      status: 'merged',
      resolvedTier: 'clean-merge',
      filesModified: ['src/import/parser.ts', 'test/parser.test.ts'],
      conflictFiles: [],
      enqueuedAt: ago(610),
      finishedAt: ago(300),
    }),
    mergeView(4, {
      agentName: 'parser-skeleton',
      branchName: 'overstory/parser-skeleton/OV-25',
      taskId: 'OV-25',
      status: 'merged',
      resolvedTier: 'auto-resolve',
      filesModified: ['src/import/index.ts'],
      conflictFiles: ['src/import/index.ts'],
      enqueuedAt: ago(1_620),
      finishedAt: ago(1_570),
    }),
  ];
}

const WORDS = 'Both sides changed the same lines';

/** What stands between the PDF writer's branch and main. */
const CONFLICTS: ConflictList = {
  ours: 'main',
  theirs: 'overstory/pdf-writer/OV-29',
  files: [
    { path: 'src/export/pdf.ts', kind: 'content', words: WORDS },
    { path: 'package.json', kind: 'content', words: WORDS },
  ],
  count: 2,
};

const side = (...lines: readonly string[]) => ({ lines: [...lines], count: lines.length });

const HUNKS: ConflictHunk[] = [
  {
    line: 40,
    before: ['export function renderInvoice(invoice: Invoice): PdfPage {', '  const page = newPage(A4);'],
    ours: side('  page.text(title(invoice), { size: 14 });', '  page.text(invoice.customer.name);'),
    base: side('  page.text(title(invoice));'),
    theirs: side('  page.heading(title(invoice));', '  page.rule({ above: 4, below: 8 });'),
    after: ['  for (const line of invoice.lines) page.row(line.words, line.amount);'],
  },
  {
    line: 50,
    before: ['  const total = sum(invoice.lines);'],
    ours: side("  page.row('Total', roundHalfUp(total));"),
    base: side("  page.row('Total', total);"),
    theirs: side("  page.row('Total due', total, { bold: true });"),
    after: ['  return page;', '}'],
  },
];

const LEFT = CONFLICTS.files.map(({ path }) => ({ path, reason: 'both sides changed the same lines' }));

/** The attempt that failed: three tiers, none of which resolved both files. */
const FAILED: MergeTraceStep[] = [
  { kind: 'tier', at: ago(132), ms: 38, tier: 'clean-merge', resolved: [], left: [...LEFT], model: null },
  { kind: 'tier', at: ago(132), ms: 12, tier: 'auto-resolve', resolved: [], left: [...LEFT], model: null },
  {
    kind: 'tier',
    at: ago(131),
    ms: 11_240,
    tier: 'ai-resolve',
    resolved: ['package.json'],
    left: [{ path: 'src/export/pdf.ts', reason: 'the answer still held conflict markers' }],
    model: {
      model: 'sonnet',
      asked: 3,
      failed: 1,
      charactersIn: 18_200,
      charactersOut: 3_940,
      ms: 10_980,
      tokensIn: 4_550,
      tokensOut: 985,
      usd: 0.028,
    },
  },
];

const CLEAN: MergeTraceStep[] = [
  { kind: 'tier', at: ago(304), ms: 41, tier: 'clean-merge', resolved: [], left: [], model: null },
  {
    kind: 'audit',
    at: ago(304),
    ms: 19,
    audit: {
      ok: true,
      hunks: { target: 3, branch: 9, present: 12 },
      counts: { superseded: 0, dropped: 0, lost: 0 },
      findings: [],
    },
  },
  {
    kind: 'gate',
    at: ago(303),
    ms: 2_100,
    name: 'Tests',
    command: 'npm test',
    outcome: 'passed',
    exitCode: 0,
    log: '.overstory/logs/merge/3/1.log',
  },
];

function detail(id: number): MergeDetail {
  const base = {
    id,
    trace: null,
    commit: null,
    conflicts: { ours: 'main', theirs: '', files: [], count: 0 },
    problem: null,
    prediction: null,
    worktree: null,
    stale: false,
  } satisfies MergeDetail;
  switch (id) {
    case 1:
      return {
        ...base,
        trace: { startedAt: ago(132), steps: FAILED },
        conflicts: CONFLICTS,
        prediction: {
          predictedTier: 'ai-resolve',
          conflictFiles: CONFLICTS.files.map(({ path }) => path),
          wouldRequireAgent: false,
          reason: '2 files conflict in their content',
        },
        worktree: '/home/operator/billing-service/.overstory/worktrees/pdf-writer',
      };
    case 3:
      return {
        ...base,
        trace: { startedAt: ago(304), steps: CLEAN },
        commit: {
          id: '4f2a91c0d7b35e8816fa2c94be07d1536ac8e290',
          subject: 'Merge overstory/parser/OV-26: import parser',
          trailers: [
            { name: 'Overstory-Agent', value: 'parser' },
            { name: 'Overstory-Task', value: 'OV-26' },
          ],
          merged: true,
        },
      };
    default:
      return {
        ...base,
        prediction: {
          predictedTier: 'clean-merge',
          conflictFiles: [],
          wouldRequireAgent: false,
          reason: 'no file was changed on both sides',
        },
      };
  }
}

/** Plays what the Merge screen asks of its queue. */
export function playMerges(played: PlayedRoom): void {
  played.publish('merges', { put: [...sampleMerges()], remove: [] });
  play(played, 'merges.detail', ({ id }) => detail(id));
  play(played, 'merges.conflict', ({ path }) => ({
    file: { path, kind: 'content', words: WORDS },
    has: { base: true, ours: true, theirs: true },
    hunks: HUNKS,
    hunkCount: HUNKS.length,
    note: null,
  }));
  play(played, 'merges.gateLog', () => ({ text: '84 tests passed in 2.0 s\n', skipped: 0 }));
}
