import type { ShellWord } from './guardExpand.ts';
import { gitScripts, readGit } from './guardGit.ts';

/** Shells: what follows `-c` is a command line of its own. */
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'mksh', 'ash', 'fish', 'rbash']);

/** Programs that take a command line as the value of an option. */
const SCRIPT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  script: ['-c', '--command'],
  su: ['-c', '--command'],
  runuser: ['-c', '--command'],
  flock: ['-c', '--command'],
  npx: ['-c', '--call'],
  npm: ['-c', '--call'],
  'nix-shell': ['--run', '--command'],
};

/** Variables whose value other programs run as a command line. */
const COMMAND_VARIABLES =
  /^(?:GIT_(?:EDITOR|SEQUENCE_EDITOR|PAGER|SSH_COMMAND|SSH|EXTERNAL_DIFF|ASKPASS|PROXY_COMMAND)|EDITOR|VISUAL|PAGER|MANPAGER|BROWSER|LESSOPEN|LESSCLOSE|PROMPT_COMMAND)$/;
/** Variables that make programs run a file, or read their settings from elsewhere. */
const REFUSED_VARIABLES =
  /^(?:BASH_ENV|ENV|ZDOTDIR|LD_PRELOAD|LD_AUDIT|DYLD_INSERT_LIBRARIES|GIT_CONFIG|GIT_CONFIG_(?!NOSYSTEM$).*|GIT_EXEC_PATH|GIT_TEMPLATE_DIR|BASH_FUNC_.*)$/;

/** What standard input gives to a command. */
export type StandardInput =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly texts: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'unknown' };

/** Command lines a command runs. */
export interface Scripts {
  readonly texts: readonly string[];
  /** One line about a script that cannot be read; null when all can. */
  readonly problem: string | null;
}

const NONE: Scripts = { texts: [], problem: null };
const HIDDEN = 'it runs commands that are only known when it runs; write them out';

/** The command lines that a command runs by itself: `sh -c`, `eval`, `alias`, `trap`, git's `--exec` and the like. */
export function scriptsOf(
  name: string,
  args: readonly ShellWord[],
  input: StandardInput,
  environment: Readonly<Record<string, readonly string[] | null>>,
): Scripts {
  const own = ownScripts(name, args, input);
  const fromVariables = variableScripts(environment);
  return {
    texts: [...own.texts, ...fromVariables.texts],
    problem: own.problem ?? fromVariables.problem,
  };
}

function ownScripts(name: string, args: readonly ShellWord[], input: StandardInput): Scripts {
  if (SHELLS.has(name)) return shellScripts(args, input);
  switch (name) {
    case 'eval':
      return joined(args);
    case '.':
    case 'source':
      return args[0] === undefined || isStandardInput(args[0]) ? fromInput(input) : processFile(args[0]);
    case 'alias':
      return all(args.flatMap((word) => (word.text.includes('=') ? [afterEquals(word)] : [])));
    case 'trap':
      return args[0] === undefined || /^-/.test(args[0].text) ? NONE : all(args.slice(0, 1));
    case 'watch':
    case 'parallel':
      return joined(withoutOptions(args));
    case 'git':
      return all(gitScripts(readGit(args)));
    default: {
      const options = Object.hasOwn(SCRIPT_OPTIONS, name) ? SCRIPT_OPTIONS[name] : undefined;
      return options === undefined ? NONE : all(valuesOf(args, options));
    }
  }
}

function shellScripts(args: readonly ShellWord[], input: StandardInput): Scripts {
  let command = false;
  let standardInput = false;
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index];
    if (word === undefined) break;
    if (word.dynamic && !command && word.tail === '') return processOrHidden(word);
    if (/^--(?:version|help)$/.test(word.text)) return NONE;
    if (/^[-+][oO]$|^--(?:rcfile|init-file)$/.test(word.text)) index += 1;
    else if (word.text === '-' || word.text === '--') continue;
    else if (/^[-+]/.test(word.text)) {
      command ||= /^-[a-zA-Z]*c/.test(word.text) && !word.text.startsWith('--');
      standardInput ||= /^-[a-zA-Z]*s/.test(word.text) && !word.text.startsWith('--');
    } else if (command) return all([word]);
    else if (standardInput || isStandardInput(word)) return fromInput(input);
    // A file: what it does is not seen (docs/guards.md).
    else return processFile(word);
  }
  return fromInput(input);
}

function processOrHidden(word: ShellWord): Scripts {
  return word.text.startsWith('<(') ? { texts: [], problem: HIDDEN } : processFile(word);
}

function processFile(word: ShellWord): Scripts {
  return word.text.startsWith('<(') || word.text.startsWith('=(') ? { texts: [], problem: HIDDEN } : NONE;
}

function fromInput(input: StandardInput): Scripts {
  switch (input.kind) {
    case 'text':
      return { texts: input.texts, problem: null };
    case 'file':
      return NONE;
    case 'none':
    case 'unknown':
      return { texts: [], problem: 'a shell would read its commands from standard input; write them out' };
  }
}

/** Command lines in variables given to a command; some variables nobody may set. */
function variableScripts(environment: Readonly<Record<string, readonly string[] | null>>): Scripts {
  const texts: string[] = [];
  for (const [name, values] of Object.entries(environment)) {
    if (REFUSED_VARIABLES.test(name)) return { texts: [], problem: `${name} is not for agents to set` };
    if (!COMMAND_VARIABLES.test(name)) continue;
    if (values === null) return { texts: [], problem: `${name} runs a command that is only known when it runs` };
    texts.push(...values);
  }
  return { texts, problem: null };
}

function joined(args: readonly ShellWord[]): Scripts {
  if (args.some((word) => word.dynamic)) return { texts: [], problem: HIDDEN };
  return args.length === 0 ? NONE : { texts: [args.map((word) => word.text).join(' ')], problem: null };
}

function all(words: readonly ShellWord[]): Scripts {
  if (words.some((word) => word.dynamic)) return { texts: [], problem: HIDDEN };
  return { texts: words.map((word) => word.text), problem: null };
}

function afterEquals(word: ShellWord): ShellWord {
  return { ...word, text: word.text.slice(word.text.indexOf('=') + 1) };
}

function withoutOptions(args: readonly ShellWord[]): readonly ShellWord[] {
  const first = args.findIndex((word) => !word.text.startsWith('-') && !/^\d+(?:\.\d+)?$/.test(word.text));
  return first < 0 ? [] : args.slice(first);
}

function valuesOf(args: readonly ShellWord[], options: readonly string[]): readonly ShellWord[] {
  return args.flatMap((word, index) => {
    if (options.includes(word.text)) return args[index + 1] === undefined ? [] : [args[index + 1] as ShellWord];
    const long = options.find((option) => option.startsWith('--') && word.text.startsWith(`${option}=`));
    return long === undefined ? [] : [afterEquals(word)];
  });
}

function isStandardInput(word: ShellWord): boolean {
  return /^(?:-|\/dev\/(?:stdin|fd\/\d+)|\/proc\/self\/fd\/\d+)$/.test(word.text);
}
