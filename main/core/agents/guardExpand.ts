import type { RawWord } from './guardLexer.ts';
import type { WordPart } from './guardWords.ts';

/** One word as a program would get it, as far as that is known before it runs. */
export interface ShellWord {
  /** What it says; parts nobody knows yet stand as they were written. */
  readonly text: string;
  /** True when a part of it is only known when it runs. */
  readonly dynamic: boolean;
  /** True when any part was quoted: `"if"` is no keyword. */
  readonly quoted: boolean;
  /** True when the shell would match it against file names. */
  readonly glob: boolean;
  /** The known text behind the last unknown part: the program's name in `$(npm bin)/eslint`. */
  readonly tail: string;
}

/** What is known of the values in a line. */
export interface KnownValues {
  /** Every value a variable may have; null when that is not known. */
  variable(name: string): readonly string[] | null;
  /** What a command prints; null when that is not known. */
  output(source: string): string | null;
}

/** Readings of one word, and words of one reading, beyond which a word counts as unknown. */
const MAX_READINGS = 16;
const MAX_WORDS = 256;

/**
 * Every way a word may be read: brace expansion, tilde, variables with known values, splitting, in the shell's order. Each
 * reading is a list of words, none included.
 */
export function expandWord(raw: RawWord, values: KnownValues): ReadonlyArray<readonly ShellWord[]> {
  const braced = expandBraces(raw.parts.flatMap(atomsOf));
  if (braced === null) return [[unknownWord(writtenText(raw))]];
  let readings: ShellWord[][] = [[]];
  for (const atoms of braced) {
    const next = readingsOf(joinAtoms(atoms), values, true);
    readings = readings.flatMap((words) => next.map((more) => [...words, ...more]));
    if (readings.length > MAX_READINGS) return [[unknownWord(writtenText(raw))]];
  }
  return readings;
}

/** Every text a word may have where it is not split, as in an assignment; null when that is not known. */
export function expandText(parts: readonly WordPart[], values: KnownValues): readonly string[] | null {
  const texts: string[] = [];
  for (const [word] of readingsOf(parts, values, false)) {
    if (word?.dynamic) return null;
    texts.push(word?.text ?? '');
  }
  return texts;
}

export function unknownWord(text: string): ShellWord {
  return { text, dynamic: true, quoted: false, glob: false, tail: '' };
}

/** A word with exactly this text. */
export function knownWord(text: string): ShellWord {
  return { text, dynamic: false, quoted: true, glob: false, tail: text };
}

/** A word as it was written, for a message. */
export function writtenText(raw: RawWord): string {
  return raw.parts.map((part) => part.text).join('');
}

interface Field {
  text: string;
  dynamic: boolean;
  quoted: boolean;
  glob: boolean;
  tail: string;
}

function readingsOf(parts: readonly WordPart[], values: KnownValues, splits: boolean): ShellWord[][] {
  let readings: Array<{ readonly done: Field[]; readonly open: Field | null }> = [{ done: [], open: null }];
  for (const [index, part] of parts.entries()) {
    const texts = index === 0 ? tildeTexts(part, parts.length === 1, values) : null;
    const choices = texts ?? textsOf(part, values);
    if (choices === null) {
      readings = readings.map(({ done, open }) => ({ done, open: appendUnknown(open, part) }));
      continue;
    }
    const divides = splits && !part.quoted && part.kind !== 'text' && texts === null;
    readings = readings.flatMap((reading) =>
      choices.map((text) => (divides ? divide(reading, text) : { ...reading, open: append(reading.open, text, part) })),
    );
    if (readings.length > MAX_READINGS) return [[unknownWord(parts.map((each) => each.text).join(''))]];
  }
  return readings.map(({ done, open }) => (open === null ? done : [...done, open]));
}

/** Every text of a part; null when it is only known when it runs. */
function textsOf(part: WordPart, values: KnownValues): readonly string[] | null {
  switch (part.kind) {
    case 'text':
      return [part.text];
    case 'variable':
      return values.variable(part.name);
    case 'output': {
      const text = values.output(part.source);
      return text === null ? null : [text];
    }
    case 'process':
    case 'unknown':
      return null;
  }
}

/** `~` and `~/x` at the start of a word; null when the part begins with none. Other users' homes are not known. */
function tildeTexts(part: WordPart, alone: boolean, values: KnownValues): readonly string[] | null {
  if (part.kind !== 'text' || part.quoted || !part.text.startsWith('~')) return null;
  const end = part.text.indexOf('/');
  const name = end < 0 ? part.text : part.text.slice(0, end);
  if (end < 0 && !alone) return null;
  const homes = name === '~' ? values.variable('HOME') : name === '~+' ? values.variable('PWD') : null;
  // An unknown home is elsewhere all the same: a path nobody can take for one of the worktree.
  return (homes ?? [`/${name}`]).map((home) => home + (end < 0 ? '' : part.text.slice(end)));
}

function append(open: Field | null, text: string, part: WordPart): Field {
  const field = open ?? emptyField();
  return {
    text: field.text + text,
    dynamic: field.dynamic,
    quoted: field.quoted || part.quoted,
    glob: field.glob || (!part.quoted && /[*?]|\[.+\]/.test(text)),
    tail: field.tail + text,
  };
}

function appendUnknown(open: Field | null, part: WordPart): Field {
  const field = open ?? emptyField();
  return { ...field, text: field.text + part.text, dynamic: true, quoted: field.quoted || part.quoted, tail: '' };
}

/** An unquoted value is split at its spaces; the first and last piece stick to what stands beside them. */
function divide(
  reading: { readonly done: Field[]; readonly open: Field | null },
  text: string,
): { done: Field[]; open: Field | null } {
  const done = [...reading.done];
  let { open } = reading;
  for (const piece of text.split(/([ \t\n]+)/)) {
    if (piece === '') continue;
    if (/^[ \t\n]/.test(piece)) {
      if (open !== null) done.push(open);
      open = null;
    } else open = append(open, piece, { kind: 'text', quoted: false, text: piece });
  }
  return { done, open };
}

function emptyField(): Field {
  return { text: '', dynamic: false, quoted: false, glob: false, tail: '' };
}

/** One character of unquoted text, or a part that braces do not look into. */
type Atom = string | WordPart;

function atomsOf(part: WordPart): readonly Atom[] {
  return part.kind === 'text' && !part.quoted ? [...part.text] : [part];
}

function joinAtoms(atoms: readonly Atom[]): readonly WordPart[] {
  const parts: WordPart[] = [];
  for (const atom of atoms) {
    const last = parts.at(-1);
    if (typeof atom !== 'string') parts.push(atom);
    else if (last?.kind === 'text' && !last.quoted) parts[parts.length - 1] = { ...last, text: last.text + atom };
    else parts.push({ kind: 'text', quoted: false, text: atom });
  }
  return parts;
}

/** Brace expansion; null when it makes more words than anybody writes. */
function expandBraces(atoms: readonly Atom[]): ReadonlyArray<readonly Atom[]> | null {
  for (let open = 0; open < atoms.length; open += 1) {
    if (atoms[open] !== '{') continue;
    const close = closingBrace(atoms, open);
    if (close < 0) continue;
    const inside = atoms.slice(open + 1, close);
    const choices = choicesOf(inside);
    if (choices === null) continue;
    const before = atoms.slice(0, open);
    const after = expandBraces(atoms.slice(close + 1));
    if (after === null) return null;
    const words: Array<readonly Atom[]> = [];
    for (const choice of choices) {
      const inner = expandBraces(choice);
      if (inner === null || words.length + inner.length * after.length > MAX_WORDS) return null;
      for (const one of inner) for (const rest of after) words.push([...before, ...one, ...rest]);
    }
    return words;
  }
  return [atoms];
}

function closingBrace(atoms: readonly Atom[], open: number): number {
  let depth = 0;
  for (let at = open; at < atoms.length; at += 1) {
    if (atoms[at] === '{') depth += 1;
    if (atoms[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}

/** What stands between the commas, or the members of a range; null when the braces are plain text. */
function choicesOf(inside: readonly Atom[]): ReadonlyArray<readonly Atom[]> | null {
  const choices: Atom[][] = [[]];
  let depth = 0;
  for (const atom of inside) {
    if (atom === '{') depth += 1;
    if (atom === '}') depth -= 1;
    if (atom === ',' && depth === 0) choices.push([]);
    else choices.at(-1)?.push(atom);
  }
  if (choices.length > 1) return choices;
  const text = inside.every((atom) => typeof atom === 'string') ? inside.join('') : '';
  const range = /^(?:(-?\d{1,9})\.\.(-?\d{1,9})|([A-Za-z])\.\.([A-Za-z]))(?:\.\.-?\d{1,9})?$/.exec(text);
  if (range === null) return null;
  const [, low, high, from, to] = range;
  const [first, last] =
    low === undefined ? [from?.charCodeAt(0) ?? 0, to?.charCodeAt(0) ?? 0] : [Number(low), Number(high)];
  if (Math.abs(last - first) > MAX_WORDS) return null;
  const members: Atom[][] = [];
  for (let at = first; first <= last ? at <= last : at >= last; at += first <= last ? 1 : -1)
    members.push([...(low === undefined ? String.fromCharCode(at) : String(at))]);
  return members;
}
