import { CHANGE_LIMITS, type DiffHunk, type DiffLine } from '../../../contract/changes.ts';

export interface ParsedPatch {
  readonly hunks: readonly DiffHunk[];
  /** Lines that were left out for being too many. */
  readonly left: number;
  readonly binary: boolean;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/;

/** Reads the patch of one file. Lines and characters are cut to `CHANGE_LIMITS`. Pure. */
export function parsePatch(patch: string): ParsedPatch {
  const hunks: { old: number; new: number; heading: string; lines: DiffLine[] }[] = [];
  let binary = false;
  let room: number = CHANGE_LIMITS.characters;
  let taken = 0;
  let left = 0;
  let oldLine = 0;
  let newLine = 0;
  let current: DiffLine[] | null = null;
  for (const raw of patch.split('\n')) {
    const start = HUNK.exec(raw);
    if (start !== null) {
      [oldLine, newLine] = [Number(start[1]), Number(start[2])];
      current = [];
      hunks.push({ old: oldLine, new: newLine, heading: start[3] ?? '', lines: current });
      continue;
    }
    if (current === null) {
      binary ||= raw.startsWith('Binary files ') || raw === 'GIT binary patch';
      continue;
    }
    const last = current.at(-1);
    if (raw.startsWith('\\')) {
      if (last !== undefined) current[current.length - 1] = { ...last, noEnd: true };
      continue;
    }
    const line = lineOf(raw);
    if (line === null) continue;
    room -= line.text.length + 40;
    if (taken >= CHANGE_LIMITS.lines || room < 0) {
      left += 1;
      continue;
    }
    taken += 1;
    current.push(line);
  }
  return { hunks: hunks.filter(({ lines }) => lines.length > 0), left, binary };

  function lineOf(raw: string): DiffLine | null {
    const text = cut(raw.slice(1).replace(/\r$/, ''));
    switch (raw[0]) {
      case ' ':
        return { kind: 'same', old: oldLine++, new: newLine++, text };
      case '+':
        return { kind: 'added', old: null, new: newLine++, text };
      case '-':
        return { kind: 'removed', old: oldLine++, new: null, text };
      default:
        return null;
    }
  }
}

function cut(text: string): string {
  return text.length > CHANGE_LIMITS.lineCharacters ? `${text.slice(0, CHANGE_LIMITS.lineCharacters)}…` : text;
}
