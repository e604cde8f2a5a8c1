/**
 * Generated three-way histories for the fuzzing of merges: a common ancestor and two sides that each change it. Every
 * line of text somebody wrote has a tag of its own, so that whether it survived can be told by looking for it, without
 * any comparison of texts. Plain lines such as braces have none: they are there to confuse.
 */

/** A file of a generated tree. */
export type GeneratedFile =
  | { readonly kind: 'text'; readonly lines: readonly string[]; readonly crlf: boolean; readonly executable: boolean }
  | { readonly kind: 'binary'; readonly tag: string }
  | { readonly kind: 'link'; readonly to: string };

export type GeneratedTree = ReadonlyMap<string, GeneratedFile>;

export interface GeneratedHistory {
  /** The same seed gives the same history. */
  readonly seed: number;
  readonly base: GeneratedTree;
  readonly target: GeneratedTree;
  readonly branch: GeneratedTree;
  /** What each side did, in words, for the table. */
  readonly steps: { readonly target: readonly string[]; readonly branch: readonly string[] };
  /** Tags of lines a side carried to another place: git may rightly keep them where the other side has them. */
  readonly carried: ReadonlySet<string>;
}

/** Tags look like `#b12#`, `#t3#`, `#w4#`: of the base, the target, the branch. */
export const TAG = /#[btw]\d+#/g;

type Tree = Map<string, GeneratedFile>;
type Random = (below: number) => number;

interface Side {
  readonly letter: 't' | 'w';
  readonly tree: Tree;
  readonly random: Random;
  readonly steps: string[];
  readonly carried: Set<string>;
  /** The file of this history both sides turn to most. */
  readonly hot: string;
  next: number;
}

const FILES = ['src/alpha.ts', 'src/beta.ts', 'src/deep/gamma.ts', 'docs/é notes.md', 'events.log', 'win.txt'] as const;
const PLAIN = ['}', 'return;', '', '  });'] as const;

/** Makes the history of a seed. */
export function generateHistory(seed: number): GeneratedHistory {
  const random = randomOf(seed);
  const base: Tree = new Map();
  let tag = 0;
  for (const path of FILES) {
    const lines = Array.from({ length: 6 + random(14) }, () => {
      tag += 1;
      return random(5) === 0
        ? (PLAIN[random(PLAIN.length)] ?? '')
        : `${'  '.repeat(random(3))}work #b${tag}# of the base`;
    });
    base.set(path, { kind: 'text', lines, crlf: path === 'win.txt', executable: false });
  }
  base.set('logo.bin', { kind: 'binary', tag: `#b${tag + 1}#` });
  base.set('link', { kind: 'link', to: 'src/alpha.ts' });
  const carried = new Set<string>();
  const hot = FILES[random(FILES.length)] ?? FILES[0];
  const sides = (['t', 'w'] as const).map((letter): Side => {
    const side: Side = { letter, tree: new Map(base), random, steps: [], carried, hot, next: 0 };
    const count = 1 + random(3);
    for (let step = 0; step < count; step += 1) oneStep(side);
    return side;
  });
  const [target, branch] = sides;
  if (target === undefined || branch === undefined) throw new Error('two sides are made above');
  return {
    seed,
    base,
    target: target.tree,
    branch: branch.tree,
    steps: { target: target.steps, branch: branch.steps },
    carried,
  };
}

/** Mulberry32: small, seeded, and good enough to spread edits. */
function randomOf(seed: number): Random {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

type Step = (side: Side) => string | null;

const STEPS: readonly (readonly [weight: number, step: Step])[] = [
  [7, insertLines],
  [6, replaceLines],
  [6, removeLines],
  [3, changeWord],
  [2, insertPlain],
  [2, moveBlock],
  [1, moveToFile],
  [1, deleteFile],
  [2, renameFile],
  [1, renameFolder],
  [2, createFile],
  [1, changeBinary],
  [1, changeLineEnds],
  [1, makeExecutable],
  [1, changeLink],
  [1, fileBecomesFolder],
];
const WEIGHTS = STEPS.reduce((sum, [weight]) => sum + weight, 0);

function oneStep(side: Side): void {
  let at = side.random(WEIGHTS);
  for (const [weight, step] of STEPS) {
    at -= weight;
    if (at >= 0) continue;
    const done = step(side);
    if (done !== null) side.steps.push(done);
    return;
  }
}

function newLine(side: Side): string {
  side.next += 1;
  return `${'  '.repeat(side.random(3))}work #${side.letter}${side.next}# of one side`;
}

type TextFile = Extract<GeneratedFile, { kind: 'text' }>;

function someText(side: Side): { readonly path: string; readonly file: TextFile } | null {
  const hot = side.tree.get(side.hot);
  if (hot?.kind === 'text' && side.random(5) > 1) return { path: side.hot, file: hot };
  const texts = [...side.tree].flatMap(([path, file]) => (file.kind === 'text' ? [{ path, file }] : []));
  return texts[side.random(texts.length)] ?? null;
}

/** Places are few, so that the sides meet often. */
function somePlace(side: Side, file: TextFile): number {
  const places = [0, 2, 2, 3, 5, 9, file.lines.length];
  return Math.min(places[side.random(places.length)] ?? 0, file.lines.length);
}

function edit(side: Side, name: string, change: (lines: string[], at: number, count: number) => void): string | null {
  const found = someText(side);
  if (found === null) return null;
  const lines = [...found.file.lines];
  const at = somePlace(side, found.file);
  const count = 1 + side.random(3);
  change(lines, at, count);
  side.tree.set(found.path, { ...found.file, lines });
  return `${name} ${found.path}:${at + 1}+${count}`;
}

function insertLines(side: Side): string | null {
  return edit(side, 'insert', (lines, at, count) => {
    lines.splice(at, 0, ...Array.from({ length: count }, () => newLine(side)));
  });
}

function replaceLines(side: Side): string | null {
  return edit(side, 'replace', (lines, at, count) => {
    lines.splice(at, count, ...Array.from({ length: count }, () => newLine(side)));
  });
}

function removeLines(side: Side): string | null {
  return edit(side, 'remove', (lines, at, count) => {
    lines.splice(at, count);
  });
}

/** The line stays alike, as when a value in it changes. */
function changeWord(side: Side): string | null {
  return edit(side, 'change', (lines, at) => {
    if (at < lines.length) lines.splice(at, 1, `${newLine(side)} ${(lines[at] ?? '').replaceAll('#', '')}`);
  });
}

function insertPlain(side: Side): string | null {
  return edit(side, 'insert plain', (lines, at, count) => {
    lines.splice(at, 0, ...Array.from({ length: count }, () => PLAIN[side.random(PLAIN.length)] ?? ''));
  });
}

function carry(side: Side, lines: readonly string[]): void {
  for (const line of lines) for (const [tag] of line.matchAll(TAG)) side.carried.add(tag);
}

function moveBlock(side: Side): string | null {
  return edit(side, 'move', (lines, at, count) => {
    const block = lines.splice(at, count);
    const to = side.random(lines.length + 1);
    // A block that passes lines is the same as those lines passing the block the other way.
    carry(side, [...block, ...lines.slice(Math.min(at, to), Math.max(at, to))]);
    lines.splice(to, 0, ...block);
  });
}

function moveToFile(side: Side): string | null {
  const to = someText(side);
  return edit(side, `move to ${to?.path} from`, (lines, at, count) => {
    const target = to === null ? undefined : side.tree.get(to.path);
    // Into itself it would be written over by the edit.
    if (target?.kind !== 'text' || target.lines.length === lines.length) return;
    const block = lines.splice(at, count);
    carry(side, block);
    if (to !== null) side.tree.set(to.path, { ...target, lines: [...target.lines, ...block] });
  });
}

function somePath(side: Side): string | null {
  const paths = [...side.tree.keys()];
  return paths[side.random(paths.length)] ?? null;
}

function deleteFile(side: Side): string | null {
  const path = somePath(side);
  if (path === null || side.tree.size < 3) return null;
  side.tree.delete(path);
  return `delete ${path}`;
}

function move(side: Side, from: string, to: string): boolean {
  const file = side.tree.get(from);
  if (file === undefined || isTaken(side.tree, to)) return false;
  side.tree.delete(from);
  side.tree.set(to, file);
  return true;
}

/** A file or a folder of this name is there, or a file where one of its folders should be. */
function isTaken(tree: Tree, path: string): boolean {
  return [...tree.keys()].some(
    (known) => known === path || known.startsWith(`${path}/`) || path.startsWith(`${known}/`),
  );
}

function renameFile(side: Side): string | null {
  const from = somePath(side);
  if (from === null) return null;
  const names = [`moved/${from.replaceAll('/', '-')}`, `${from}.old`, `src/renamed-${side.letter}.ts`];
  const to = names[side.random(names.length)] ?? '';
  return move(side, from, to) ? `rename ${from} to ${to}` : null;
}

function renameFolder(side: Side): string | null {
  const to = side.random(2) === 0 ? 'lib' : `lib-${side.letter}`;
  const inside = [...side.tree.keys()].filter((path) => path.startsWith('src/'));
  if (inside.length === 0 || inside.some((path) => isTaken(side.tree, path.replace('src', to)))) return null;
  for (const path of inside) move(side, path, path.replace('src', to));
  return `rename folder src to ${to}`;
}

function createFile(side: Side): string | null {
  const names = ['src/new.ts', `src/new-${side.letter}.ts`, 'docs/plan.md', `extra-${side.letter}.log`];
  const path = names[side.random(names.length)] ?? '';
  if (isTaken(side.tree, path)) return null;
  const lines = Array.from({ length: 1 + side.random(5) }, () => newLine(side));
  side.tree.set(path, { kind: 'text', lines, crlf: side.random(6) === 0, executable: false });
  return `create ${path}`;
}

function changeBinary(side: Side): string | null {
  const path = [...side.tree].find(([, file]) => file.kind === 'binary')?.[0];
  if (path === undefined) return null;
  side.next += 1;
  side.tree.set(path, { kind: 'binary', tag: `#${side.letter}${side.next}#` });
  return `change binary ${path}`;
}

function changeLineEnds(side: Side): string | null {
  const found = someText(side);
  if (found === null) return null;
  side.tree.set(found.path, { ...found.file, crlf: !found.file.crlf });
  return `line ends of ${found.path}`;
}

function makeExecutable(side: Side): string | null {
  const found = someText(side);
  if (found === null) return null;
  side.tree.set(found.path, { ...found.file, executable: true });
  return `executable ${found.path}`;
}

function changeLink(side: Side): string | null {
  if (side.tree.get('link')?.kind !== 'link') return null;
  const to = side.random(2) === 0 ? 'src/beta.ts' : `docs/${side.letter}`;
  side.tree.set('link', { kind: 'link', to });
  return `link to ${to}`;
}

function fileBecomesFolder(side: Side): string | null {
  const found = someText(side);
  if (found === null || side.random(3) > 0) return null;
  side.tree.delete(found.path);
  side.tree.set(`${found.path}/inside.txt`, found.file);
  return `${found.path} becomes a folder`;
}

/** The bytes git stores of a file. */
export function contentOf(file: GeneratedFile): Buffer {
  switch (file.kind) {
    case 'text':
      return Buffer.from(file.lines.map((line) => `${line}${file.crlf ? '\r\n' : '\n'}`).join(''));
    case 'binary':
      return Buffer.from(`\0\x01\0${file.tag}\0\xff`, 'latin1');
    case 'link':
      return Buffer.from(file.to);
  }
}

/** Git's mode of a file. */
export function modeOf(file: GeneratedFile): string {
  if (file.kind === 'link') return '120000';
  return file.kind === 'text' && file.executable ? '100755' : '100644';
}

/** Branches of a history in a repository: `t/<seed>` is the target, `w/<seed>` the branch. */
export const targetName = (seed: number): string => `t/${seed}`;
export const branchName = (seed: number): string => `w/${seed}`;

/** The histories as input of one `git fast-import`: for each a commit of the ancestor and one of each side. */
export function importStream(histories: readonly GeneratedHistory[]): Buffer {
  const parts: Buffer[] = [];
  const say = (text: string): void => void parts.push(Buffer.from(text));
  const commit = (ref: string, mark: number, from: number | null, tree: GeneratedTree, seed: number): void => {
    const message = `history ${seed}\n`;
    say(`commit ${ref}\nmark :${mark}\ncommitter Fuzz <fuzz@example.invalid> 1700000000 +0000\n`);
    say(`data ${Buffer.byteLength(message)}\n${message}${from === null ? '' : `from :${from}\n`}deleteall\n`);
    for (const [path, file] of tree) {
      const content = contentOf(file);
      say(`M ${modeOf(file)} inline ${path}\ndata ${content.length}\n`);
      parts.push(content);
      say('\n');
    }
  };
  const attributes: GeneratedFile = { kind: 'text', lines: ['*.log merge=union'], crlf: false, executable: false };
  for (const [index, { seed, base, target, branch }] of histories.entries()) {
    const mark = 3 * index + 1;
    const all = (tree: GeneratedTree): GeneratedTree => new Map([...tree, ['.gitattributes', attributes]]);
    commit(`refs/fuzz/${seed}`, mark, null, all(base), seed);
    commit(`refs/heads/${targetName(seed)}`, mark + 1, mark, all(target), seed);
    commit(`refs/heads/${branchName(seed)}`, mark + 2, mark, all(branch), seed);
  }
  return Buffer.concat(parts);
}
