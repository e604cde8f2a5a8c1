import { expandText, expandWord, type KnownValues, knownWord, type ShellWord, unknownWord } from './guardExpand.ts';
import { type Feed, feedOf } from './guardFeed.ts';
import { KEYWORDS, lexShell, type RawWord, type ShellItem, textOf } from './guardLexer.ts';
import { type StandardInput, scriptsOf } from './guardScripts.ts';
import { ShellState } from './guardState.ts';
import { programName, unwrap } from './guardWrappers.ts';

/** `> file` and its relatives. */
export interface ShellRedirect {
  readonly writes: boolean;
  readonly target: ShellWord;
}

/** A command ready for the rules: wrappers, keywords and assignments taken off, words expanded as far as they are known. */
export interface GuardedCommand {
  /** Last part of the program's path, in small letters; empty when only redirections or assignments are left. */
  readonly name: string;
  /** True when the program is only known when it runs. */
  readonly dynamicName: boolean;
  readonly args: readonly ShellWord[];
  readonly redirects: readonly ShellRedirect[];
  /** Working folder as far as the line tells; null when a `cd` went somewhere unknown. */
  readonly cwd: string | null;
  /** Variables given to it in this line; null where the value is not known. */
  readonly environment: Readonly<Record<string, readonly string[] | null>>;
  readonly input: StandardInput;
}

export interface GuardedLine {
  /** Every command in every reading: a line is allowed when each of them is. */
  readonly commands: readonly GuardedCommand[];
  /** Null when the line could be read to its end; else one line that says why not. */
  readonly problem: string | null;
}

/** What a line is read against. */
export interface ShellPlace {
  /** Null when nobody knows. */
  readonly cwd: string | null;
  /** Values of the agent's environment. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
  /** Absolute path of a word in a folder, `..` taken out as `cd` does. */
  readonly resolve: (folder: string, path: string) => string;
  /** True when a `cd` there cannot fail. */
  readonly isFolder: (path: string) => boolean;
  /** What `git rev-parse --show-toplevel` prints there; null when nobody knows. */
  readonly topFolder: (cwd: string) => string | null;
  /** Folder of the files that `mktemp` makes. */
  readonly scratch: string;
}

const ASSIGNMENT = /^([A-Za-z_]\w*)(\[[^\]]*\])?(\+?)=([\s\S]*)$/;
const DECLARATIONS: ReadonlySet<string> = new Set(['export', 'declare', 'typeset', 'local', 'readonly']);
const READERS: ReadonlySet<string> = new Set(['read', 'mapfile', 'readarray', 'getopts', 'unset', 'let']);
const MOVES: ReadonlySet<string> = new Set(['cd', 'pushd', 'popd']);
/** Variables whose assignment in a line changes what later commands of it run. */
const LASTING = /^(?:GIT_.*|.*EDITOR|.*PAGER|VISUAL|BASH_ENV|ENV|LD_.*|DYLD_.*|PROMPT_COMMAND|ZDOTDIR|BASH_FUNC_.*)$/;

/** Command lines inside command lines beyond this depth are not read. */
const MAX_NESTING = 6;
/** Readings of one command beyond which its words count as unknown. */
const MAX_READINGS = 32;

/** Breaks a command line into commands: follows `cd` and assignments, and opens `sh -c`, `eval`, wrappers, `find -exec`. */
export function readCommandLine(line: string, place: ShellPlace, nesting = 0): GuardedLine {
  if (nesting > MAX_NESTING) return { commands: [], problem: 'it is nested too deep' };
  const { items, problem } = lexShell(line);
  // Read twice: in a loop or a function a command may run after an assignment that is written behind it.
  const first = new LineReader(items, place, nesting, new Map());
  first.read();
  const second = new LineReader(items, place, nesting, first.assigned);
  second.read();
  return { commands: second.commands, problem: problem ?? second.problem };
}

class LineReader {
  readonly commands: GuardedCommand[] = [];
  problem: string | null = null;
  readonly #items: readonly ShellItem[];
  readonly #place: ShellPlace;
  readonly #nesting: number;
  readonly #state: ShellState;
  readonly #values: KnownValues;
  #functionNext = false;
  /** What the command before gives to the one behind a pipe. */
  #feed: Feed = { kind: 'none' };

  constructor(
    items: readonly ShellItem[],
    place: ShellPlace,
    nesting: number,
    assigned: Map<string, Set<string> | null>,
  ) {
    this.#items = items;
    this.#place = place;
    this.#nesting = nesting;
    this.#state = new ShellState(place.cwd === null ? null : [place.cwd], place.variables, assigned);
    const state = this.#state;
    this.#values = {
      // With another separator nobody knows where a value is split.
      variable: (name) => (state.assigned.has('IFS') && state.assigned.has(name) ? null : state.valuesOf(name)),
      output: (source) => this.#outputOf(source.trim()),
    };
  }

  get assigned(): Map<string, Set<string> | null> {
    return this.#state.assigned;
  }

  read(): void {
    for (const [index, item] of this.#items.entries()) {
      if (item.kind === 'command') this.#readCommand(item, index);
      else {
        if (item.kind === 'open') this.#state.open();
        else this.#state.close();
        this.#feed = { kind: 'unknown' };
      }
    }
  }

  #fail(problem: string): void {
    this.problem ??= problem;
  }

  #readCommand(item: Extract<ShellItem, { kind: 'command' }>, index: number): void {
    const state = this.#state;
    state.step(item.link);
    const words = this.#stripKeywords(item.words, index);
    const environment: Record<string, readonly string[] | null> = {};
    const rest = this.#takeAssignments(words, environment);
    for (const name of state.assigned.keys()) if (LASTING.test(name)) environment[name] ??= state.valuesOf(name);
    const input = this.#inputOf(item);
    const feed = item.link === 'pipe' ? this.#feed : { kind: 'none' as const };
    const redirects = item.redirects.flatMap((redirect) => {
      const [targets, ...more] = expandWord(redirect.target, this.#values);
      const all = [targets ?? [], ...more].map((fields) => fields[0] ?? unknownWord('""'));
      return all.map((target) => ({ writes: redirect.writes, target }));
    });
    let lastFeed: Feed = { kind: 'unknown' };
    for (const reading of this.#readings(rest)) {
      for (const cwd of state.folders ?? [null]) {
        this.#interpret(reading, {
          redirects,
          cwd,
          environment,
          input,
          fed: feed.kind === 'names' ? feed.words : null,
        });
      }
      this.#follow(reading, item.link);
      lastFeed = feedOf(unwrap(reading, null).words, feed);
    }
    this.#feed = lastFeed;
  }

  /** Every way the words of a command may be read. */
  #readings(words: readonly RawWord[]): ReadonlyArray<readonly ShellWord[]> {
    let readings: ReadonlyArray<readonly ShellWord[]> = [[]];
    for (const word of words) {
      const choices = expandWord(word, this.#values);
      readings = readings.flatMap((before) => choices.map((more) => [...before, ...more]));
      if (readings.length > MAX_READINGS) {
        const texts = words.map((each) => each.parts.map((part) => part.text).join(''));
        return [texts.map((text) => unknownWord(text))];
      }
    }
    return readings;
  }

  #interpret(
    words: readonly ShellWord[],
    context: Pick<GuardedCommand, 'redirects' | 'cwd' | 'environment' | 'input'> & {
      readonly fed: readonly ShellWord[] | null;
    },
  ): void {
    const inner = unwrap(words, context.fed);
    let { cwd } = context;
    for (const folder of inner.folders) cwd = this.#resolved(cwd, folder);
    const environment = { ...context.environment, ...inner.environment };
    this.#push(inner.words, { ...context, cwd, environment });
    // Behind an option nobody knows, any later word may be the program.
    if (inner.unsure) {
      for (let at = 1; at < inner.words.length; at += 1)
        this.#push(inner.words.slice(at), { ...context, cwd, environment });
    }
  }

  #push(
    words: readonly ShellWord[],
    context: Pick<GuardedCommand, 'redirects' | 'cwd' | 'environment' | 'input'>,
  ): void {
    const { redirects, cwd, environment, input } = context;
    const [head, ...args] = words;
    const name = programName(head);
    this.commands.push({ name: name ?? '', dynamicName: name === null, args, redirects, cwd, environment, input });
    if (name === null) return;
    const scripts = scriptsOf(name, args, input, environment);
    if (scripts.problem !== null) this.#fail(scripts.problem);
    for (const text of scripts.texts) {
      const place = { ...this.#place, cwd, variables: this.#state.knownValues() };
      const nested = readCommandLine(text, place, this.#nesting + 1);
      this.commands.push(...nested.commands);
      if (nested.problem !== null) this.#fail(nested.problem);
    }
    if (name === 'find') {
      for (const executed of executedByFind(args))
        this.#interpret(executed, { redirects: [], cwd, environment, input: { kind: 'none' }, fed: null });
    }
  }

  /** What a command changes for those behind it: the folder, and variables. */
  #follow(words: readonly ShellWord[], link: 'then' | 'and' | 'or' | 'pipe'): void {
    const [head, ...args] = unwrap(words, null).words;
    const name = programName(head) ?? '';
    if (name === 'cd' || (name === 'pushd' && args.length > 0)) {
      const target = args.find((word) => word.dynamic || !/^-[LPe@]+$|^--$/.test(word.text));
      const targets = target === undefined ? (this.#values.variable('HOME') ?? null) : this.#targetsOf(target);
      this.#state.move(targets, targets?.every(this.#place.isFolder) ?? false, link);
    } else if (name === 'popd' || name === 'pushd') this.#state.lose();
    if (READERS.has(name)) {
      for (const word of args) {
        const variable = /^[A-Za-z_]\w*/.exec(word.text)?.[0];
        if (word.dynamic) this.#fail(`the variable that ${name} changes must be written out`);
        else if (variable !== undefined) this.#state.assign(variable, null, true);
      }
      if (name === 'read' && args.length === 0) this.#state.assign('REPLY', null, true);
    }
    if (name === 'printf' && args[0]?.text === '-v') this.#state.assign(args[1]?.text ?? '', null, true);
    if (DECLARATIONS.has(name) && args.some((word) => /^-[a-zA-Z]*n/.test(word.text)))
      this.#fail('a variable that stands for another one cannot be followed');
  }

  /** Where `cd word` leads from each folder; null when nobody knows. */
  #targetsOf(word: ShellWord): readonly string[] | null {
    if (word.dynamic || word.glob || word.text === '-' || /^[+-]\d+$/.test(word.text)) return null;
    if (word.text.startsWith('/')) return [this.#place.resolve('/', word.text)];
    return this.#state.folders?.map((folder) => this.#place.resolve(folder, word.text)) ?? null;
  }

  #resolved(cwd: string | null, word: ShellWord): string | null {
    if (word.dynamic || word.glob) return null;
    if (word.text.startsWith('/')) return this.#place.resolve('/', word.text);
    return cwd === null ? null : this.#place.resolve(cwd, word.text);
  }

  /** Takes keywords off the front, and notes where parts of the line begin and end that run perhaps or again. */
  #stripKeywords(words: readonly RawWord[], index: number): readonly RawWord[] {
    const state = this.#state;
    let rest = words;
    for (;;) {
      const head = textOf(rest[0]);
      if (head === null) return rest;
      const functionBody = this.#functionNext;
      if (head === 'for' || head === 'select' || head === 'foreach') {
        this.#enterLoop(index);
        this.#nameLoopVariable(rest);
        return [];
      }
      if (head === 'case') {
        state.enter('branches');
        return [];
      }
      if (head === 'function') {
        this.#functionNext = true;
        rest = rest.slice(2);
        continue;
      }
      if (!KEYWORDS.has(head)) return rest;
      this.#functionNext = false;
      if (head === 'while' || head === 'until') this.#enterLoop(index);
      else if (head === 'if') state.enter('branches');
      else if (head === 'elif' || head === 'else') state.branch();
      else if (head === '{') state.enter(functionBody ? 'function' : 'group');
      else if (head === 'fi' || head === 'done' || head === 'esac' || head === '}') state.leave();
      rest = rest.slice(1);
      if (head === 'time') rest = rest.slice(textOf(rest[0]) === '-p' ? 1 : 0);
      if (head === 'coproc' && textOf(rest[1]) === '{') rest = rest.slice(1);
    }
  }

  /** A loop that changes its folder is somewhere else each time. */
  #enterLoop(index: number): void {
    this.#state.enter('loop');
    let open = 0;
    let loops = 0;
    for (const item of this.#items.slice(index)) {
      if (item.kind === 'open') open += 1;
      else if (item.kind === 'close') open -= 1;
      else {
        const texts = item.words.map(textOf);
        if (texts.some((text) => text === 'for' || text === 'while' || text === 'until')) loops += 1;
        if (texts[0] === 'done') loops -= 1;
        if (loops <= 0 || open < 0) return;
        if (open === 0 && MOVES.has(texts.find((text) => text === null || !KEYWORDS.has(text)) ?? ''))
          this.#state.lose();
      }
    }
  }

  /** `for f in a b`: the variable has one of these values. */
  #nameLoopVariable(words: readonly RawWord[]): void {
    const name = textOf(words[1]) ?? '';
    if (textOf(words[2]) !== 'in') {
      this.#state.assign(name, null, true);
      return;
    }
    const items = words.slice(3).flatMap((word) => expandWord(word, this.#values).flat());
    this.#state.assign(name, items.some((item) => item.dynamic) ? null : items.map((item) => item.text), true);
  }

  #takeAssignments(
    words: readonly RawWord[],
    environment: Record<string, readonly string[] | null>,
  ): readonly RawWord[] {
    const first = words.findIndex((word) => assignmentOf(word) === null);
    const before = first < 0 ? words : words.slice(0, first);
    const rest = first < 0 ? [] : words.slice(first);
    for (const word of before) {
      const { name, values } = this.#assigned(word);
      if (rest.length === 0) this.#state.assign(name, values);
      else environment[name] = values;
    }
    if (DECLARATIONS.has(textOf(rest[0]) ?? '')) {
      for (const word of rest.slice(1)) {
        if (assignmentOf(word) === null) continue;
        const { name, values } = this.#assigned(word);
        this.#state.assign(name, values);
      }
    }
    return rest;
  }

  #assigned(word: RawWord): { readonly name: string; readonly values: readonly string[] | null } {
    const [, name = '', element, plus, text = ''] = assignmentOf(word) ?? [];
    const [head, ...tail] = word.parts;
    const parts = [...(text === '' || head === undefined ? [] : [{ ...head, kind: 'text' as const, text }]), ...tail];
    return { name, values: element || plus ? null : expandText(parts, this.#values) };
  }

  #inputOf(item: Extract<ShellItem, { kind: 'command' }>): StandardInput {
    if (item.input !== null) {
      const texts = expandText(item.input.parts, this.#values);
      return texts === null ? { kind: 'unknown' } : { kind: 'text', texts };
    }
    if (item.link === 'pipe')
      return this.#feed.kind === 'text' ? { kind: 'text', texts: [this.#feed.text] } : { kind: 'unknown' };
    return item.redirects.some((redirect) => !redirect.writes) ? { kind: 'file' } : { kind: 'none' };
  }

  /** What a few harmless commands print, whose output often names a path. */
  #outputOf(source: string): string | null {
    const [folder, ...others] = this.#state.folders ?? [];
    if (/^mktemp(?:\s+-[dqu]+)*$/.test(source)) return `${this.#place.scratch}/mktemp`;
    if (folder === undefined || others.length > 0) return null;
    if (source === 'pwd') return folder;
    return /^git\s+rev-parse\s+--show-toplevel$/.test(source) ? this.#place.topFolder(folder) : null;
  }
}

function assignmentOf(word: RawWord): RegExpExecArray | null {
  const head = word.parts[0];
  return head?.kind === 'text' && !head.quoted ? ASSIGNMENT.exec(head.text) : null;
}

/** The commands of `-exec` and its relatives, with `{}` as something below the folders that are searched. */
function executedByFind(args: readonly ShellWord[]): ReadonlyArray<readonly ShellWord[]> {
  const firstOption = args.findIndex((word) => /^[-(!]/.test(word.text));
  const folders = args.slice(0, firstOption < 0 ? undefined : firstOption);
  const commands: Array<readonly ShellWord[]> = [];
  for (let at = 0; at < args.length; at += 1) {
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(args[at]?.text ?? '')) continue;
    const end = args.findIndex((word, index) => index > at && (word.text === ';' || word.text === '+'));
    const words = args.slice(at + 1, end < 0 ? undefined : end);
    const found = (folders.length > 0 ? folders : [knownWord('.')]).map((folder) => ({
      ...folder,
      text: `${folder.text}/found`,
      tail: `${folder.tail}/found`,
    }));
    commands.push(
      words.flatMap((word) =>
        word.text.includes('{}')
          ? found.map((each) => ({
              ...word,
              dynamic: word.dynamic || each.dynamic,
              text: word.text.replaceAll('{}', () => each.text),
            }))
          : [word],
      ),
    );
    at = end < 0 ? args.length : end;
  }
  return commands;
}
