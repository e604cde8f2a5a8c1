import type { RadarView, RadarWorktree } from '../../../contract/radar.ts';
import { ago } from '../fixtures.ts';
import type { PlayedRoom } from '../playedRoom.ts';
import { play } from './play.ts';

function worktree(agentName: string, taskId: string, more: Partial<RadarWorktree>): RadarWorktree {
  return {
    agentName,
    taskId,
    branch: `overstory/${agentName}/${taskId}`,
    running: true,
    changedFiles: 3,
    uncommittedFiles: 0,
    merged: false,
    withTarget: [],
    withTargetCount: 0,
    problem: null,
    ...more,
  };
}

const PDF = { path: 'src/export/pdf.ts', kind: 'content' as const };
const TEMPLATE = { path: 'src/mail/template.ts', kind: 'content' as const };
const INDEX = { path: 'src/export/index.ts', kind: 'added' as const };

/** Six worktrees, two pairs that would conflict, one that conflicts with main already. */
function radar(): RadarView {
  return {
    enabled: true,
    target: 'main',
    lookedAt: ago(12),
    worktrees: [
      worktree('csv-writer', 'OV-28', { changedFiles: 5, uncommittedFiles: 2 }),
      worktree('dedupe', 'OV-33', { changedFiles: 2 }),
      worktree('mailer', 'OV-31', { changedFiles: 4, uncommittedFiles: 1 }),
      worktree('parser', 'OV-26', { running: false, merged: true, changedFiles: 2 }),
      worktree('pdf-writer', 'OV-29', {
        changedFiles: 4,
        withTarget: [PDF, { path: 'package.json', kind: 'content' }],
        withTargetCount: 2,
      }),
      worktree('tax-rounding', 'OV-27', { changedFiles: 1 }),
    ],
    pairs: [
      { one: 'csv-writer', other: 'pdf-writer', conflicts: [INDEX], count: 1 },
      { one: 'mailer', other: 'pdf-writer', conflicts: [TEMPLATE, PDF], count: 2 },
    ],
    order: [
      { agentName: 'dedupe', clean: true, conflictsWith: [] },
      { agentName: 'tax-rounding', clean: true, conflictsWith: [] },
      { agentName: 'csv-writer', clean: true, conflictsWith: [] },
      { agentName: 'mailer', clean: true, conflictsWith: [] },
      { agentName: 'pdf-writer', clean: false, conflictsWith: [null, 'csv-writer', 'mailer'] },
    ],
    cost: { milliseconds: 46, gitProcesses: 3, mergedPairs: 4 },
  };
}

/** Plays the collision radar: the matrix, one pair, and a conflict of it. */
export function playRadar(played: PlayedRoom): void {
  played.publish('radar', { value: radar() });
  play(played, 'radar.look', radar);
  play(played, 'radar.pair', ({ one, other }) => ({
    ours: one,
    theirs: other ?? 'main',
    files: [
      { path: TEMPLATE.path, kind: 'content', words: 'Both sides changed the same lines' },
      { path: PDF.path, kind: 'content', words: 'Both sides changed the same lines' },
    ],
    count: 2,
  }));
  play(played, 'radar.conflict', ({ path }) => ({
    file: { path, kind: 'content', words: 'Both sides changed the same lines' },
    has: { base: true, ours: true, theirs: true },
    hunks: [
      {
        line: 18,
        before: ['export function mailText(invoice: Invoice): string {'],
        ours: { lines: ["  return template('invoice', { ...invoice, sent: today() });"], count: 1 },
        base: { lines: ["  return template('invoice', invoice);"], count: 1 },
        theirs: { lines: ["  return template('invoice', invoice, { attach: pdfOf(invoice) });"], count: 1 },
        after: ['}'],
      },
    ],
    hunkCount: 1,
    note: null,
  }));
}
