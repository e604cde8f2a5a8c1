import { knownWord, type ShellWord, unknownWord } from './guardExpand.ts';

/** A program that runs the command that follows it. */
interface Wrapper {
  /** Options without a value. */
  readonly flags: RegExp;
  /** Options whose value is a word of its own, or sticks to them. */
  readonly values: readonly string[];
  /** Plain words before the command. */
  readonly skips?: number;
  /** A first word that has to stand there, such as `exec` in `npm exec`. */
  readonly verbs?: readonly string[];
}

const NO_FLAGS = /^--$/;

/** Programs and builtins that run the command that follows them. */
const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  env: {
    flags: /^(?:-|-i|-v|-0|-iv|--|--ignore-environment|--debug|--null)$/,
    values: ['-u', '--unset', '-C', '--chdir', '-S', '--split-string'],
  },
  'cross-env': { flags: NO_FLAGS, values: [] },
  command: { flags: /^(?:-p|--)$/, values: [] },
  builtin: { flags: NO_FLAGS, values: [] },
  exec: { flags: /^(?:-[cl]+|--)$/, values: ['-a'] },
  noglob: { flags: NO_FLAGS, values: [] },
  nocorrect: { flags: NO_FLAGS, values: [] },
  '-': { flags: NO_FLAGS, values: [] },
  repeat: { flags: NO_FLAGS, values: [], skips: 1 },
  nohup: { flags: NO_FLAGS, values: [] },
  sudo: { flags: /^(?:-[AbEHknPSsiv]+|--)$/, values: ['-u', '-g', '-C', '-h', '-p', '-D', '-r', '-t', '-T', '-U'] },
  doas: { flags: /^(?:-[nsL]+|--)$/, values: ['-u', '-C'] },
  time: { flags: /^(?:-[pvaq]+|--|--verbose|--portability|--append|--quiet)$/, values: ['-o', '-f'] },
  nice: { flags: /^(?:-\d+|--)$/, values: ['-n', '--adjustment'] },
  ionice: { flags: /^(?:-t|--)$/, values: ['-c', '-n', '-p'] },
  timeout: {
    flags: /^(?:-v|--|--verbose|--foreground|--preserve-status)$/,
    values: ['-s', '-k', '--signal', '--kill-after'],
    skips: 1,
  },
  stdbuf: { flags: NO_FLAGS, values: ['-i', '-o', '-e', '--input', '--output', '--error'] },
  setsid: { flags: /^(?:-[cfw]+|--|--ctty|--fork|--wait)$/, values: [] },
  busybox: { flags: NO_FLAGS, values: [] },
  toybox: { flags: NO_FLAGS, values: [] },
  xargs: {
    flags: /^(?:-[0rtpxo]+|--|--null|--no-run-if-empty|--verbose|--interactive|--exit|--open-tty)$/,
    values: [
      '-n',
      '-I',
      '-P',
      '-L',
      '-d',
      '-a',
      '-s',
      '-E',
      '--max-args',
      '--max-procs',
      '--max-lines',
      '--delimiter',
      '--arg-file',
      '--replace',
    ],
  },
  unbuffer: { flags: /^(?:-p|--)$/, values: [] },
  chronic: { flags: /^(?:-[ve]+|--)$/, values: [] },
  strace: { flags: /^(?:-[fqvyttTrxcCi]+|--)$/, values: ['-o', '-e', '-p', '-s', '-u', '-P'] },
  ltrace: { flags: /^(?:-[fSr]+|--)$/, values: ['-o', '-e', '-p', '-s', '-u'] },
  flock: {
    flags: /^(?:-[nxseuoF]+|--|--nonblock|--exclusive|--shared)$/,
    values: ['-w', '-E', '-c', '--command'],
    skips: 1,
  },
  taskset: { flags: /^(?:-[ac]+|--)$/, values: [], skips: 1 },
  chroot: { flags: NO_FLAGS, values: ['--userspec', '--groups'], skips: 1 },
  npx: {
    flags: /^(?:-y|--yes|--no|--no-install|--quiet|-q|--)$/,
    values: ['-p', '--package', '-w', '--workspace', '-c', '--call'],
  },
  bunx: { flags: /^(?:--bun|--)$/, values: ['-p', '--package'] },
  pnpx: { flags: NO_FLAGS, values: ['-p', '--package'] },
  shx: { flags: NO_FLAGS, values: [] },
  npm: { flags: /^(?:-y|--yes|--)$/, values: ['-p', '--package', '-c', '--call'], verbs: ['exec', 'x'] },
  pnpm: { flags: /^--$/, values: ['--package'], verbs: ['exec', 'dlx'] },
  yarn: { flags: /^(?:--|-q)$/, values: ['-p', '--package'], verbs: ['exec', 'dlx'] },
  uv: { flags: /^--$/, values: ['--with', '--python', '-p', '--project'], verbs: ['run'] },
  poetry: { flags: /^--$/, values: [], verbs: ['run'] },
  pipenv: { flags: /^--$/, values: [], verbs: ['run'] },
  bundle: { flags: /^--$/, values: [], verbs: ['exec'] },
  mise: { flags: /^--$/, values: ['-C'], verbs: ['exec', 'x'] },
};

const ASSIGNMENT = /^([A-Za-z_]\w*)=([\s\S]*)$/;

/** A command with what ran before it taken off. */
export interface Unwrapped {
  readonly words: readonly ShellWord[];
  /** `env A=b`: variables of the command, null where the value is not known. */
  readonly environment: Readonly<Record<string, readonly string[] | null>>;
  /** Folders the command is moved to, in order: `env -C`. */
  readonly folders: readonly ShellWord[];
  /** A wrapper's option is not known, so that any later word may be the command. */
  readonly unsure: boolean;
}

/**
 * Takes `sudo`, `env A=b`, `timeout 5`, `xargs -n 1` and the like off the front.
 * @param fed what standard input would add to the words of `xargs`; null when that is not known.
 */
export function unwrap(words: readonly ShellWord[], fed: readonly ShellWord[] | null): Unwrapped {
  let rest = words;
  const environment: Record<string, readonly string[] | null> = {};
  const folders: ShellWord[] = [];
  let unsure = false;
  for (let taken = 0; taken < words.length + 1; taken += 1) {
    const name = programName(rest[0]);
    const wrapper = name !== null && Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
    if (name === null || wrapper === undefined) break;
    if (wrapper.verbs !== undefined && !wrapper.verbs.includes(rest[1]?.text ?? '')) break;
    // Asks where a command is; runs none.
    if (name === 'command' && /^-[pvV]*[vV]/.test(rest[1]?.text ?? '')) break;
    let next = wrapper.verbs === undefined ? 1 : 2;
    let skips = wrapper.skips ?? 0;
    let replaced: string | null = null;
    let split: readonly ShellWord[] | null = null;
    for (; next < rest.length; next += 1) {
      const word = rest[next];
      if (word === undefined) break;
      const assigned = name === 'env' || name === 'sudo' || name === 'cross-env' ? ASSIGNMENT.exec(word.text) : null;
      const option = wrapper.values.find((each) => isOption(word.text, each));
      if (assigned !== null) environment[assigned[1] ?? ''] = word.dynamic ? null : [assigned[2] ?? ''];
      else if (option !== undefined) {
        const separate = word.text === option;
        const value = separate ? rest[next + 1] : { ...word, text: valueIn(word.text, option) };
        if (separate) next += 1;
        if (value === undefined) continue;
        if (option === '-C' || option === '--chdir' || option === '-D') folders.push(value);
        if (name === 'env' && (option === '-S' || option === '--split-string')) split = splitString(value);
        if (name === 'xargs' && (option === '-I' || option === '--replace')) replaced = value.text;
        if (split !== null) {
          next += 1;
          break;
        }
      } else if (word.dynamic && skips === 0) break;
      else if (wrapper.flags.test(word.text)) {
        if (word.text === '--') {
          next += 1 + skips;
          skips = 0;
          break;
        }
      } else if (word.text.startsWith('-') && !word.dynamic && word.text !== '-') unsure = true;
      else if (skips > 0) skips -= 1;
      else break;
    }
    let inner = [...(split ?? []), ...rest.slice(next)];
    if (name === 'xargs') inner = withFed(inner, replaced, fed);
    if (inner.length === 0) break;
    rest = inner;
  }
  return { words: rest, environment, folders, unsure };
}

/** The name of the program a word runs: last part of its path, in small letters; null when nobody knows it. */
export function programName(word: ShellWord | undefined): string | null {
  if (word === undefined) return '';
  if (word.glob) return null;
  if (word.dynamic) return word.tail.includes('/') ? lastPart(word.tail) : null;
  return lastPart(word.text);
}

/** A folder that is the same in capitals runs `GIT` as well; `=git` is zsh's spelling of its path. */
function lastPart(path: string): string {
  return path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/^=/, '')
    .replace(/\.exe$/i, '')
    .toLowerCase();
}

function isOption(text: string, option: string): boolean {
  if (text === option) return true;
  return option.startsWith('--') ? text.startsWith(`${option}=`) : text.startsWith(option) && !text.startsWith('--');
}

function valueIn(text: string, option: string): string {
  return text.slice(option.length).replace(/^=/, '');
}

/** `env -S`: one word that is split into several, with quotes and escapes of its own. */
function splitString(value: ShellWord): readonly ShellWord[] {
  if (value.dynamic || /[\\$"'#]/.test(value.text)) return [unknownWord(value.text)];
  return value.text
    .trim()
    .split(/\s+/)
    .map((text) => knownWord(text));
}

/** The words `xargs` adds, at the end or where they replace a mark. */
function withFed(words: readonly ShellWord[], replaced: string | null, fed: readonly ShellWord[] | null): ShellWord[] {
  const added = fed ?? [unknownWord('(what the pipe gives)')];
  if (words.length === 0) return [knownWord('echo'), ...added];
  if (replaced === null || replaced === '') return [...words, ...added];
  return words.flatMap((word) => {
    if (!word.text.includes(replaced)) return [word];
    return added.map((each) => ({ ...each, text: word.text.replaceAll(replaced, () => each.text) }));
  });
}
