import { knownWord, type ShellWord } from './guardExpand.ts';
import { programName } from './guardWrappers.ts';

/** What a command gives to the one behind a pipe, as far as it is known. */
export type Feed =
  | { readonly kind: 'none' }
  /** Exactly this text. */
  | { readonly kind: 'text'; readonly text: string }
  /** Names of files below these words. */
  | { readonly kind: 'names'; readonly words: readonly ShellWord[] }
  | { readonly kind: 'unknown' };

const UNKNOWN: Feed = { kind: 'unknown' };

/** Commands that let lines through or leave them out, and change none. */
const FILTERS: ReadonlySet<string> = new Set([
  'grep',
  'egrep',
  'fgrep',
  'sort',
  'uniq',
  'head',
  'tail',
  'cat',
  'shuf',
  'tac',
]);
/** Options with which a filter takes lines from elsewhere or changes them. */
const CHANGES = /^-(?:-only-matching|-files|[a-zA-Z]*o)/;

/** What a command prints for the next one; `before` is what it got itself. */
export function feedOf(words: readonly ShellWord[], before: Feed): Feed {
  const [head, ...args] = words;
  const name = programName(head);
  if (name === null) return UNKNOWN;
  const plain = args.filter((word) => !word.text.startsWith('-'));
  switch (name) {
    case 'echo':
    case 'printf': {
      const texts = args.filter((word, index) => index > 0 || !/^-[neE]+$/.test(word.text));
      // Escapes and formats would say something else than what is written.
      if (texts.some((word) => word.dynamic || word.glob || /[\\%]/.test(word.text))) return UNKNOWN;
      return { kind: 'text', text: texts.map((word) => word.text).join(' ') };
    }
    case 'find': {
      if (args.some((word) => /^-(?:printf|exec|execdir|ok|okdir|files0-from)$/.test(word.text))) return UNKNOWN;
      const first = args.findIndex((word) => /^[-(!]/.test(word.text));
      return below(first < 0 ? args : args.slice(0, first));
    }
    case 'git': {
      const listing = args.map((word) => word.text);
      const names = listing[0] === 'ls-files' || (listing[0] === 'diff' && listing.includes('--name-only'));
      return names ? below([]) : UNKNOWN;
    }
    case 'ls':
    case 'fd':
      return name === 'ls' || !args.some((word) => /^-[xX]|^--exec/.test(word.text))
        ? below(name === 'fd' ? plain.slice(1) : plain)
        : UNKNOWN;
    case 'rg':
    case 'grep': {
      const names = args.some((word) => /^-[a-zA-Z]*[lL]|^--files(?:-with|$)/.test(word.text));
      if (names) return below(plain.slice(args.some((word) => word.text === '--files' || word.text === '-e') ? 0 : 1));
      return filtered(args, before);
    }
    default:
      return FILTERS.has(name) && (plain.length === 0 || name === 'grep') ? filtered(args, before) : UNKNOWN;
  }
}

function filtered(args: readonly ShellWord[], before: Feed): Feed {
  if (args.some((word) => word.dynamic || CHANGES.test(word.text))) return UNKNOWN;
  return before.kind === 'names' ? before : UNKNOWN;
}

function below(folders: readonly ShellWord[]): Feed {
  const all = folders.length > 0 ? folders : [knownWord('.')];
  return {
    kind: 'names',
    words: all.map((word) => ({ ...word, text: `${word.text}/found`, tail: `${word.tail}/found` })),
  };
}
