import { lexShell, type ShellRedirect, type ShellWord } from './guardLexer.ts';
import { SHELLS, WRAPPERS } from './guardRules.ts';

/** A command ready for the rules: wrappers, keywords and assignments taken off. */
export interface GuardedCommand {
  /** Last part of the program's path; empty when only redirections or assignments are left. */
  readonly name: string;
  /** True when the program's name is only known when it runs. */
  readonly dynamicName: boolean;
  readonly args: readonly ShellWord[];
  readonly redirects: readonly ShellRedirect[];
  /** Working directory as far as the line tells; null when a `cd` went somewhere unknown. */
  readonly cwd: string | null;
  /** Variables whose value is known here, assignments earlier in the line included. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface GuardedLine {
  readonly commands: readonly GuardedCommand[];
  /** False when the line could not be read to its end. */
  readonly complete: boolean;
}

/** What a word is resolved against. */
export interface ShellPlace {
  readonly cwd: string;
  /** Absolute path of a word in a folder; `..` is taken out, nothing else. */
  readonly resolve: (folder: string, path: string) => string;
  readonly variables: Readonly<Record<string, string>>;
}

const KEYWORDS = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'while',
  'until',
  '!',
  '{',
  '}',
  'esac',
  'coproc',
]);
const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=([\s\S]*)$/;

/** Command lines inside command lines beyond this depth are not read; the line then counts as incomplete. */
const MAX_NESTING = 5;

/** Breaks a command line into commands, follows `cd` and plain assignments, and opens `sh -c`, `eval` and wrappers. */
export function readCommandLine(line: string, place: ShellPlace, nesting = 0): GuardedLine {
  const lexed = lexShell(line);
  const commands: GuardedCommand[] = [];
  let complete = lexed.complete && nesting <= MAX_NESTING;
  const variables: Record<string, string> = { ...place.variables };
  let cwd: string | null = place.cwd;
  const outer: Array<string | null> = [];

  const resolveFolder = (word: ShellWord | undefined): string | null => {
    if (word === undefined) return variables.HOME ?? null;
    const text = expandWord(word, variables);
    if (text === null || cwd === null) return text?.startsWith('/') === true ? place.resolve('/', text) : null;
    return place.resolve(cwd, text);
  };

  for (const item of nesting > MAX_NESTING ? [] : lexed.items) {
    if (item.kind === 'open') outer.push(cwd);
    else if (item.kind === 'close') cwd = outer.pop() ?? cwd;
    else {
      const words = stripKeywords(item.words, variables);
      const rest = takeAssignments(words, variables);
      const inner = unwrap(rest);
      const [head, ...args] = inner;
      const name = head === undefined ? '' : baseName(head.text);
      commands.push({
        name,
        dynamicName: head?.dynamic ?? false,
        args,
        redirects: item.redirects,
        cwd,
        variables: { ...variables },
      });
      if (name === 'cd' || name === 'pushd') cwd = resolveFolder(args.find((word) => !word.text.startsWith('-')));
      if (name === 'popd') cwd = null;
      const script = scriptOf(name, args);
      if (script === null || cwd === null) continue;
      if (script.dynamic) complete = false;
      else {
        const nested = readCommandLine(script.text, { ...place, cwd, variables }, nesting + 1);
        commands.push(...nested.commands);
        complete = complete && nested.complete;
      }
    }
  }
  return { commands, complete };
}

/** Text of a word with the variables that are known; null when a part stays unknown. */
export function expandWord(word: ShellWord, variables: Readonly<Record<string, string>>): string | null {
  if (!word.quoted && (word.text === '~' || word.text.startsWith('~/'))) {
    const home = variables.HOME;
    return home === undefined ? null : home + word.text.slice(1);
  }
  if (!word.dynamic) return word.text;
  let known = true;
  const text = word.text.replace(/\$(?:\{([^}]*)\}|([A-Za-z_]\w*)|\(\)|[0-9@*#?$!-])/g, (_whole, braced, plain) => {
    const name: string = braced ?? plain ?? '';
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) known = false;
    return value ?? '';
  });
  return known ? text : null;
}

/** The command line that `sh -c`, `eval` or `source <(...)` would run; null when the command runs none. */
function scriptOf(name: string, args: readonly ShellWord[]): ShellWord | null {
  if (name === 'eval') {
    return {
      text: args.map((word) => word.text).join(' '),
      dynamic: args.some((word) => word.dynamic),
      quoted: true,
    };
  }
  if (!SHELLS.includes(name)) return null;
  const option = args.findIndex((word) => /^-[a-zA-Z]*c[a-zA-Z]*$/.test(word.text));
  return option < 0 ? null : (args.slice(option + 1).find((word) => !/^[-+]/.test(word.text)) ?? null);
}

function stripKeywords(words: readonly ShellWord[], variables: Record<string, string>): readonly ShellWord[] {
  let rest = words;
  for (;;) {
    const head = rest[0];
    if (head === undefined || head.quoted || head.dynamic) return rest;
    if (head.text === 'for' || head.text === 'select') {
      nameLoopVariable(rest, variables);
      return [];
    }
    if (head.text === 'case' || head.text === 'function') return [];
    if (!KEYWORDS.has(head.text)) return rest;
    rest = rest.slice(1);
  }
}

/** `for f in a b`: as long as every word is a plain relative path, the variable is one too. */
function nameLoopVariable(words: readonly ShellWord[], variables: Record<string, string>): void {
  const name = words[1]?.text ?? '';
  const values = words.slice(3);
  const harmless = values.every(
    (word) => !word.dynamic && !/^[/~]/.test(word.text) && !word.text.split('/').includes('..'),
  );
  if (words[2]?.text === 'in' && values.length > 0 && harmless) variables[name] = 'loop-item';
  else delete variables[name];
}

function takeAssignments(words: readonly ShellWord[], variables: Record<string, string>): readonly ShellWord[] {
  const first = words.findIndex((word) => !ASSIGNMENT.test(word.text));
  const assigned = first < 0 ? words : words.slice(0, first);
  // Before a command an assignment holds for that command only, which does not change what this line's words mean.
  if (first < 0) {
    for (const word of assigned) {
      const [, name = '', value = ''] = ASSIGNMENT.exec(word.text) ?? [];
      const text = expandWord({ ...word, text: value }, variables);
      if (text === null) delete variables[name];
      else variables[name] = text;
    }
  }
  return first < 0 ? [] : words.slice(first);
}

/** Takes `sudo`, `env A=b`, `timeout 5`, `xargs -n 1` and the like off the front. */
function unwrap(words: readonly ShellWord[]): readonly ShellWord[] {
  let rest = words;
  while (rest[0] !== undefined && !rest[0].dynamic && WRAPPERS.includes(baseName(rest[0].text))) {
    const wrapper = baseName(rest[0].text);
    let next = 1;
    for (; next < rest.length; next += 1) {
      const text = rest[next]?.text ?? '';
      const option = text.startsWith('-') || ASSIGNMENT.test(text) || (wrapper !== 'env' && /^\d+[smhd]?$/.test(text));
      if (option && takesValue(wrapper, text)) next += 1;
      if (!option) break;
    }
    if (next >= rest.length) return rest;
    rest = rest.slice(next);
  }
  return rest;
}

/** Options of the wrappers whose value is a word of its own. */
const VALUE_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  env: ['-u', '-C', '-S'],
  sudo: ['-u', '-g', '-C', '-h', '-p'],
  doas: ['-u', '-C'],
  nice: ['-n'],
  ionice: ['-c', '-n', '-p'],
  timeout: ['-s', '-k'],
  stdbuf: ['-i', '-o', '-e'],
  xargs: ['-n', '-I', '-P', '-L', '-d', '-a', '-s', '-E'],
  watch: ['-n'],
  exec: ['-a'],
};

function takesValue(wrapper: string, option: string): boolean {
  return VALUE_OPTIONS[wrapper]?.includes(option) ?? false;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
