import type { IndexExtras } from './capture.ts';
import type { PathBytes } from './pathBytes.ts';
import type { ConflictStage } from './worktreeStatus.ts';

/** Nothing beyond what the index tree says. */
export function hasNoExtras(extras: IndexExtras): boolean {
  return extras.flagged.length === 0 && extras.intended.length === 0 && extras.conflicts.length === 0;
}

/**
 * Writes the extras as records that end with NUL: `assume <path>`, `skip <path>`, `intend <mode> <path>`,
 * `<stage> <mode> <oid> <path>`. Bytes of paths stay as they are.
 */
export function encodeExtras(extras: IndexExtras): Buffer {
  const records: string[] = [];
  for (const entry of extras.flagged) {
    if (entry.assumeUnchanged) records.push(`assume ${entry.path}`);
    if (entry.skipWorktree) records.push(`skip ${entry.path}`);
  }
  for (const { path, mode } of extras.intended) records.push(`intend ${mode} ${path}`);
  for (const { path, stages } of extras.conflicts) {
    for (const { stage, mode, oid } of stages) records.push(`${stage} ${mode} ${oid} ${path}`);
  }
  return Buffer.from(records.map((record) => `${record}\0`).join(''), 'latin1');
}

/** Reads them again. */
export function decodeExtras(content: Buffer): IndexExtras {
  const flags = new Map<PathBytes, { assumeUnchanged: boolean; skipWorktree: boolean }>();
  const intended: { path: PathBytes; mode: string }[] = [];
  const conflicts = new Map<PathBytes, ConflictStage[]>();
  for (const record of content.toString('latin1').split('\0')) {
    const plain = /^(assume|skip) (.+)$/s.exec(record);
    if (plain !== null) {
      const [, word = '', path = ''] = plain;
      const known = flags.get(path) ?? { assumeUnchanged: false, skipWorktree: false };
      flags.set(path, word === 'assume' ? { ...known, assumeUnchanged: true } : { ...known, skipWorktree: true });
      continue;
    }
    const meant = /^intend (\d{6}) (.+)$/s.exec(record);
    if (meant !== null) {
      intended.push({ mode: meant[1] ?? '', path: meant[2] ?? '' });
      continue;
    }
    const staged = /^([123]) (\d{6}) ([0-9a-f]+) (.+)$/s.exec(record);
    if (staged === null) continue;
    const [, stage = '', mode = '', oid = '', path = ''] = staged;
    const stages = conflicts.get(path) ?? [];
    stages.push({ stage: Number(stage) as ConflictStage['stage'], mode, oid });
    conflicts.set(path, stages);
  }
  return {
    flagged: [...flags].map(([path, flag]) => ({ path, ...flag })),
    intended,
    conflicts: [...conflicts].map(([path, stages]) => ({ path, stages })),
  };
}
