import type { ShellLink } from './guardLexer.ts';

/** Values of one variable, and folders a command may run in, beyond which they count as unknown. */
const MAX_VALUES = 16;

/** Variables and working folders while a command line is followed; what is not certain is kept as a set of possibilities. */
export class ShellState {
  /** Every value given to a variable anywhere in the line so far, or in an earlier reading of it; null: not known. */
  readonly assigned: Map<string, Set<string> | null>;
  readonly #known: Readonly<Record<string, readonly string[]>>;
  /** Where each variable was given a value in this reading. */
  readonly #places = new Map<string, Array<{ readonly blocks: readonly number[]; readonly chain: number | null }>>();
  #folders: readonly string[] | null;
  /** Folders if the chain of `&&` had not gone on. */
  #chainFolders: readonly string[] | null;
  #chain = 0;
  #firstOfChain = true;
  #ids = 0;
  #blocks: readonly Block[] = [];
  readonly #subshells: Array<Saved> = [];

  constructor(
    folders: readonly string[] | null,
    known: Readonly<Record<string, readonly string[]>>,
    assigned: Map<string, Set<string> | null>,
  ) {
    this.#folders = folders;
    this.#chainFolders = folders;
    this.#known = known;
    this.assigned = assigned;
  }

  /** Folders the next command may run in; null when nobody knows. */
  get folders(): readonly string[] | null {
    return this.#folders;
  }

  /** A command comes, connected like this with the one before. */
  step(link: ShellLink): void {
    this.#firstOfChain = link === 'then';
    if (link === 'then') {
      this.#chain += 1;
      this.#setFolders(union(this.#folders, this.#chainFolders));
    } else if (link === 'or') this.#folders = union(this.#folders, this.#chainFolders);
  }

  /** `cd` to one of these; `certain` when it cannot fail. */
  move(targets: readonly string[] | null, certain: boolean, link: ShellLink): void {
    if (link === 'pipe' || link === 'or') this.#setFolders(union(this.#folders, targets));
    else if (certain && this.#firstOfChain) this.#setFolders(targets);
    else this.#folders = targets;
  }

  /** Nobody knows any more where commands run. */
  lose(): void {
    this.#setFolders(null);
  }

  #setFolders(folders: readonly string[] | null): void {
    this.#folders = folders;
    this.#chainFolders = folders;
  }

  open(): void {
    this.#subshells.push({
      folders: this.#folders,
      chainFolders: this.#chainFolders,
      chain: this.#chain,
      firstOfChain: this.#firstOfChain,
      blocks: this.#blocks,
    });
    this.enter('subshell');
  }

  close(): void {
    const saved = this.#subshells.pop();
    if (saved === undefined) return;
    this.#folders = saved.folders;
    this.#chainFolders = saved.chainFolders;
    this.#chain = saved.chain;
    this.#firstOfChain = saved.firstOfChain;
    this.#blocks = saved.blocks;
  }

  /** A part of the line begins that runs perhaps, or more than once. */
  enter(kind: BlockKind): void {
    this.#ids += 1;
    this.#blocks = [...this.#blocks, { id: this.#ids, kind, folders: this.#folders }];
  }

  /** The innermost such part ends, or its next branch begins. */
  leave(): void {
    const block = this.#blocks.at(-1);
    if (block === undefined || block.kind === 'subshell') return;
    this.#blocks = this.#blocks.slice(0, -1);
    if (block.kind !== 'group') this.#setFolders(union(union(this.#folders, this.#chainFolders), block.folders));
  }

  branch(): void {
    const block = this.#blocks.at(-1);
    if (block === undefined) return;
    this.leave();
    this.enter(block.kind);
  }

  /**
   * @param values null when they are not known.
   * @param always the assignment happens whenever its part of the line runs.
   */
  assign(name: string, values: readonly string[] | null, always = false): void {
    const before = this.assigned.has(name) ? this.assigned.get(name) : new Set<string>();
    const all = before === null || values === null ? null : new Set([...(before ?? []), ...values]);
    this.assigned.set(name, all !== null && all.size <= MAX_VALUES ? all : null);
    const places = this.#places.get(name) ?? [];
    const blocks = this.#blocks.filter((block) => block.kind !== 'group').map((block) => block.id);
    places.push({ blocks, chain: always || this.#firstOfChain ? null : this.#chain });
    this.#places.set(name, places);
  }

  /** Every value a variable may have here; null when that is not known. */
  valuesOf(name: string): readonly string[] | null {
    if (name === 'PWD' && !this.assigned.has(name)) return this.#folders;
    const known = Object.hasOwn(this.#known, name) ? (this.#known[name] ?? null) : null;
    if (!this.assigned.has(name)) return known;
    const assigned = this.assigned.get(name) ?? null;
    if (assigned === null) return null;
    const here = this.#blocks.filter((block) => block.kind !== 'group').map((block) => block.id);
    const certain = (this.#places.get(name) ?? []).some(
      (place) =>
        place.blocks.every((id, index) => here[index] === id) && (place.chain === null || place.chain === this.#chain),
    );
    if (certain) return [...assigned];
    return known === null ? null : [...new Set([...known, ...assigned])];
  }

  /** What a command line inside of this one knows. */
  knownValues(): Readonly<Record<string, readonly string[]>> {
    const values: Record<string, readonly string[]> = { ...this.#known };
    for (const name of this.assigned.keys()) {
      const known = this.valuesOf(name);
      if (known === null) delete values[name];
      else values[name] = known;
    }
    return values;
  }
}

/** `group` always runs, once; the others perhaps not, or again. */
export type BlockKind = 'group' | 'branches' | 'loop' | 'function' | 'subshell';

interface Block {
  readonly id: number;
  readonly kind: BlockKind;
  /** Folders before it. */
  readonly folders: readonly string[] | null;
}

interface Saved {
  readonly folders: readonly string[] | null;
  readonly chainFolders: readonly string[] | null;
  readonly chain: number;
  readonly firstOfChain: boolean;
  readonly blocks: readonly Block[];
}

function union(one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null {
  if (one === null || other === null) return null;
  const all = [...new Set([...one, ...other])];
  return all.length <= MAX_VALUES ? all : null;
}
