import type { ChangedFile } from '../../../contract/changes.ts';

type Change = Omit<ChangedFile, 'uncommitted'>;

/**
 * Reads `diff-tree -r -z -M --raw --numstat`: first a record for each file with its letter, then for each its lines.
 * Pure.
 */
export function parseChanges(output: string): readonly Change[] {
  const parts = output.split('\0');
  const changes = new Map<string, Change>();
  let at = 0;
  while (parts[at]?.startsWith(':')) {
    const [before = '', after = '', oldOid = '', newOid = '', letter = ''] = (parts[at] ?? '').slice(1).split(' ');
    const renamed = letter.startsWith('R');
    const from = renamed ? (parts[at + 1] ?? '') : null;
    const path = parts[at + (renamed ? 2 : 1)] ?? '';
    at += renamed ? 3 : 2;
    const change = letter === 'A' ? 'added' : letter === 'D' ? 'deleted' : renamed ? 'renamed' : changeOf();
    changes.set(path, { path, from, change, added: null, removed: null });

    /** The same content under another mode is no change of lines. */
    function changeOf(): 'mode' | 'modified' {
      return before !== after && oldOid === newOid ? 'mode' : 'modified';
    }
  }
  while (at < parts.length && parts[at] !== '') {
    const [added = '', removed = '', inline = ''] = (parts[at] ?? '').split('\t');
    // A renamed file has its two paths in parts of their own.
    const renamed = inline === '';
    const path = renamed ? (parts[at + 2] ?? '') : (parts[at] ?? '').split('\t').slice(2).join('\t');
    at += renamed ? 3 : 1;
    const known = changes.get(path);
    if (known !== undefined) changes.set(path, { ...known, added: lines(added), removed: lines(removed) });
  }
  return [...changes.values()];
}

/** Git writes a dash for content without lines. */
function lines(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null;
}
