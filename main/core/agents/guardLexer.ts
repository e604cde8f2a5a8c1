import { readWord, type WordPart, type WordSource } from './guardWords.ts';

/** One word as it is written: quotes are resolved, variables and substitutions are not. */
export interface RawWord {
  readonly parts: readonly WordPart[];
}

/** `> file` and its relatives. Duplications such as `2>&1` are left out: they name no file. */
export interface RawRedirect {
  readonly writes: boolean;
  readonly target: RawWord;
}

/** How a command stands to the one before it. */
export type ShellLink = 'then' | 'and' | 'or' | 'pipe';

/** What a command line consists of, in order; nested commands stand before the command they are part of. */
export type ShellItem =
  | {
      readonly kind: 'command';
      readonly link: ShellLink;
      readonly words: readonly RawWord[];
      readonly redirects: readonly RawRedirect[];
      /** Text of a here-document or here-string on standard input; null without one. */
      readonly input: RawWord | null;
    }
  /** A subshell begins or ends: a `cd` inside does not reach out. */
  | { readonly kind: 'open' }
  | { readonly kind: 'close' };

export interface ShellLine {
  readonly items: readonly ShellItem[];
  /** Null when the line was read to its end; else one line that says what could not be read. */
  readonly problem: string | null;
}

/** Nested substitutions deeper than this are not read; nobody writes them by hand. */
const MAX_DEPTH = 20;

const UNCLOSED = 'a quote, parenthesis or here-document is not closed';
const NESTED = 'it is nested too deep';
const STRANGE = 'it has an unusual space or control character outside of quotes';

/**
 * Splits a shell command line into its simple commands: quotes, escapes, operators, redirections, here-documents, comments,
 * subshells, `case`, command and process substitutions. It reads what bash reads, so that nothing that runs is taken for
 * text; what it is not sure of becomes a problem, never a guess (spec 02 §3.10: the reference looks at the line's start).
 */
export function lexShell(command: string): ShellLine {
  const lexer = new Lexer(command, 0);
  lexer.readList('');
  return { items: lexer.items, problem: lexer.problem };
}

interface HereDocument {
  readonly delimiter: string;
  readonly expands: boolean;
  readonly stripTabs: boolean;
  /** Takes the body once the line has ended. */
  readonly fill: (body: RawWord) => void;
}

interface OpenCommand {
  words: RawWord[];
  redirects: RawRedirect[];
  input: { word: RawWord | null };
}

class Lexer implements WordSource {
  readonly items: ShellItem[] = [];
  readonly text: string;
  at = 0;
  problem: string | null = null;
  readonly #depth: number;
  #nesting = 0;
  #link: ShellLink = 'then';
  #command: OpenCommand = emptyCommand();
  #hereDocuments: HereDocument[] = [];

  constructor(text: string, depth: number) {
    this.text = text;
    this.#depth = depth;
  }

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Notes why the line cannot be judged; the first reason stays. */
  fail(problem = UNCLOSED): void {
    this.problem ??= problem;
  }

  strange(): void {
    this.fail(STRANGE);
  }

  /** Reads a nested list of commands up to its `)`, in a scope of its own. */
  nested(): void {
    const outer = { command: this.#command, link: this.#link, documents: this.#hereDocuments };
    this.#command = emptyCommand();
    this.#link = 'then';
    this.#hereDocuments = [];
    this.items.push({ kind: 'open' });
    this.readList(')');
    this.items.push({ kind: 'close' });
    this.#command = outer.command;
    this.#link = outer.link;
    this.#hereDocuments = outer.documents;
  }

  /** Reads a text of its own, such as what stands between backticks, as commands. */
  separate(text: string, readAs: 'commands' | 'quoted'): readonly WordPart[] {
    if (this.#depth >= MAX_DEPTH) {
      this.fail(NESTED);
      return [];
    }
    const inner = new Lexer(text, this.#depth + 1);
    let parts: readonly WordPart[] = [];
    if (readAs === 'commands') {
      inner.items.push({ kind: 'open' });
      inner.readList('');
      inner.items.push({ kind: 'close' });
    } else parts = readWord(inner, 'document').parts;
    this.items.push(...inner.items);
    if (inner.problem !== null) this.fail(inner.problem);
    return parts;
  }

  /** Reads commands until `)` when that closes this list, or to the end. */
  readList(closing: ')' | ''): void {
    this.deeper(() => {
      if (!this.#readCommands(closing) || this.#hereDocuments.length > 0) this.fail();
    });
  }

  deeper(read: () => void): void {
    if (this.#nesting >= MAX_DEPTH) {
      // Nothing behind this point is worth reading: the line is refused as a whole.
      this.at = this.text.length;
      this.fail(NESTED);
      return;
    }
    this.#nesting += 1;
    read();
    this.#nesting -= 1;
  }

  /** @returns whether the list ended as it had to. */
  #readCommands(closing: ')' | ''): boolean {
    const cases: Array<'pattern' | 'body'> = [];
    while (!this.atEnd()) {
      const rest = this.text.slice(this.at, this.at + 3);
      const char = rest.charAt(0);
      const { words } = this.#command;
      if (rest.startsWith('\\\n')) this.at += 2;
      else if (char === ' ' || char === '\t') this.at += 1;
      else if (char === '#') this.#skipLine();
      else if (char === '\n') {
        this.#finish('then');
        this.at += 1;
        this.#readHereDocuments();
      } else if (cases.at(-1) === 'pattern') this.#readPattern(cases);
      else if (insideTest(words) && /[<>()&|]/.test(char)) {
        // In `[[ a > b ]]` these compare and group; nothing is redirected.
        words.push(plainWord(char));
        this.at += 1;
      } else if (/^[<>]\(/.test(rest)) this.#readProcess();
      else if (/^(?:&>|[<>])/.test(rest) || this.#isNumberedRedirect()) this.#readRedirect();
      else if (rest.startsWith(';;') || rest.startsWith(';&')) {
        this.#finish('then');
        this.at += rest.startsWith(';;&') ? 3 : 2;
        if (cases.length > 0) cases[cases.length - 1] = 'pattern';
        else this.fail();
      } else if (char === ';' || char === '&' || char === '|') this.#readOperator(rest);
      else if (char === '(') this.#readParenthesis(rest);
      else if (char === ')') {
        this.#finish('then');
        this.at += 1;
        if (closing === ')') return cases.length === 0;
        this.fail();
      } else this.#readPlainWord(cases);
    }
    this.#finish('then');
    return closing === '' && cases.length === 0;
  }

  #finish(next: ShellLink): void {
    const { words, redirects, input } = this.#command;
    if (words.length > 0 || redirects.length > 0 || input.word !== null) {
      this.items.push({
        kind: 'command',
        link: this.#link,
        words,
        redirects,
        // The body of a here-document is read later than its command.
        get input() {
          return input.word;
        },
      });
      this.#link = next;
    }
    this.#command = emptyCommand();
  }

  #readOperator(rest: string): void {
    const operator = /^(?:&&|\|\||\|&|[;&|])/.exec(rest)?.[0] ?? ';';
    this.at += operator.length;
    const link = operator === '&&' ? 'and' : operator === '||' ? 'or' : operator.startsWith('|') ? 'pipe' : 'then';
    this.#finish(link);
    // Behind `( ... )` there is no command to finish; the operator counts all the same.
    this.#link = link;
  }

  #readParenthesis(rest: string): void {
    const { words } = this.#command;
    const started = words.filter((word) => !isKeyword(word));
    const last = words.at(-1);
    const adjacent = this.at > 0 && !/[\s;&|(){}<>]/.test(this.text.charAt(this.at - 1));
    if (rest.startsWith('((') && (started.length === 0 || (words.length === 1 && textOf(words[0]) === 'for'))) {
      this.at += 2;
      this.arithmetic();
    } else if (started.length === 0) {
      this.#finish(this.#link);
      this.at += 1;
      this.nested();
      this.#link = 'then';
    } else if (/^\(\s*\)/.test(this.text.slice(this.at, this.at + 200)) && textOf(last) !== null) {
      // A function: its name runs nothing, its body is read like everything else.
      this.at = this.text.indexOf(')', this.at) + 1;
      this.#command.words = [plainWord('function'), ...words.slice(-1)];
      this.#finish('then');
    } else if (adjacent && last !== undefined && /=$/.test(lastText(last))) {
      this.at += 1;
      this.#readArray();
    } else {
      // Patterns such as `!(x)`, and in zsh qualifiers that run code.
      this.fail('it has a parenthesis that belongs to no command');
      this.at += 1;
    }
  }

  /** `name=(words)`: the words run nothing but their substitutions. */
  #readArray(): void {
    const name = this.#command.words.pop();
    this.#command.words.push({ parts: [...(name?.parts ?? []), { kind: 'unknown', quoted: true, text: '(...)' }] });
    while (!this.atEnd()) {
      const char = this.text.charAt(this.at);
      if (char === ')') {
        this.at += 1;
        return;
      }
      if (/\s/.test(char)) this.at += 1;
      else if (char === '#') this.#skipLine();
      else if (!this.#advances(() => readWord(this, 'word'))) break;
    }
    this.fail();
  }

  #readProcess(): void {
    const start = this.at;
    this.at += 2;
    this.nested();
    const text = this.text.slice(start, this.at);
    this.#command.words.push({ parts: [{ kind: 'process', quoted: true, text }] });
  }

  #readPlainWord(cases: Array<'pattern' | 'body'>): void {
    const word = this.#nextWord();
    if (word === null || word.parts.length === 0) return;
    const { words } = this.#command;
    words.push(word);
    const first = words.findIndex((each) => !isKeyword(each));
    if (textOf(words[first]) === 'case' && words.length === first + 3 && textOf(word) === 'in') {
      this.#finish('then');
      cases.push('pattern');
    } else if (words.length === 1 && cases.at(-1) === 'body' && textOf(word) === 'esac') cases.pop();
  }

  #readPattern(cases: Array<'pattern' | 'body'>): void {
    const char = this.text.charAt(this.at);
    if (char === '(' || char === '|') this.at += 1;
    else if (char === ')') {
      this.at += 1;
      cases[cases.length - 1] = 'body';
    } else {
      const word = this.#nextWord();
      if (word === null || textOf(word) !== 'esac') return;
      cases.pop();
      this.#command.words.push(word);
    }
  }

  /** The word that stands here; null when something stands here that is none. */
  #nextWord(): RawWord | null {
    const before = this.at;
    const word = readWord(this, 'word');
    if (this.at > before) return word;
    this.fail();
    this.at += 1;
    return null;
  }

  #advances(read: () => unknown): boolean {
    const before = this.at;
    read();
    return this.at > before;
  }

  #isNumberedRedirect(): boolean {
    return /^\d+[<>]/.test(this.text.slice(this.at, this.at + 8));
  }

  #readRedirect(): void {
    const operator =
      /^\d*(?:<<<|<<-|<<|<>|<&|<|&>>|&>|>>|>\||>&|>)/.exec(this.text.slice(this.at, this.at + 12))?.[0] ?? '';
    if (operator === '') {
      this.fail();
      this.at += 1;
      return;
    }
    this.at += operator.length;
    const kind = operator.replace(/^\d+/, '');
    for (;;) {
      if (this.text.startsWith('\\\n', this.at)) this.at += 2;
      else if (/[ \t]/.test(this.text.charAt(this.at))) this.at += 1;
      else break;
    }
    const { input, redirects } = this.#command;
    if (/^[<>]\(/.test(this.text.slice(this.at, this.at + 2))) {
      // `> >(command)`: the command is read where it stands, and names no file.
      this.at += 2;
      this.nested();
      if (kind === '<') input.word = { parts: [{ kind: 'process', quoted: true, text: '<(...)' }] };
      return;
    }
    const target = readWord(this, 'word');
    if (target.parts.length === 0) this.fail();
    else if (kind === '<<' || kind === '<<-') {
      const quoted = target.parts.some((part) => part.quoted);
      // Until the body is there nobody knows what comes.
      input.word = { parts: [{ kind: 'unknown', quoted: true, text: '' }] };
      this.#hereDocuments.push({
        delimiter: target.parts.map((part) => part.text).join(''),
        expands: !quoted,
        stripTabs: kind === '<<-',
        fill: (body) => {
          input.word = body;
        },
      });
    } else if (kind === '<<<') input.word = target;
    else if (!(/&$/.test(kind) && /^(?:\d+-?|-)$/.test(textOf(target) ?? '')))
      redirects.push({ writes: kind.includes('>'), target });
  }

  /** Takes the bodies announced on the line that just ended; substitutions in an unquoted one do run. */
  #readHereDocuments(): void {
    const pending = this.#hereDocuments;
    this.#hereDocuments = [];
    for (const document of pending) {
      const body: string[] = [];
      let closed = false;
      let continued = false;
      while (!this.atEnd() && !closed) {
        const end = this.text.indexOf('\n', this.at);
        const line = this.text.slice(this.at, end < 0 ? undefined : end);
        this.at = end < 0 ? this.text.length : end + 1;
        const compared = document.stripTabs ? line.replace(/^\t+/, '') : line;
        // A line that the one before continues is no delimiter.
        closed = !continued && compared === document.delimiter;
        if (!closed) body.push(line);
        continued = document.expands && /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
      }
      if (!closed) this.fail();
      const text = body.join('\n');
      document.fill({
        parts: document.expands ? this.separate(text, 'quoted') : [{ kind: 'text', quoted: true, text }],
      });
    }
  }

  #skipLine(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  /** Reads to the `))` of an arithmetic expression; only substitutions in it run anything. */
  arithmetic(): void {
    let open = 2;
    while (!this.atEnd()) {
      const char = this.text.charAt(this.at);
      if (char === '$' || char === '`') {
        if (!this.#advances(() => readWord(this, 'dollar'))) break;
        continue;
      }
      // Quotes in an expression would hide what follows; nobody needs them there.
      if (char === '"' || char === "'" || char === '\\') break;
      this.at += 1;
      if (char === '(') open += 1;
      if (char === ')') open -= 1;
      if (open === 1 && this.text.charAt(this.at) !== ')') break;
      if (open === 0) return;
    }
    this.fail('it has an expression in (( )) that cannot be told from commands');
  }
}

/** Words that a command may follow. */
export const KEYWORDS: ReadonlySet<string> = new Set([
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
  'time',
]);

function emptyCommand(): OpenCommand {
  return { words: [], redirects: [], input: { word: null } };
}

function plainWord(text: string): RawWord {
  return { parts: [{ kind: 'text', quoted: false, text }] };
}

/** Text of a word without quotes, variables or substitutions; null for any other. */
export function textOf(word: RawWord | undefined): string | null {
  if (word === undefined || word.parts.some((part) => part.kind !== 'text' || part.quoted)) return null;
  return word.parts.map((part) => part.text).join('');
}

function lastText(word: RawWord): string {
  const part = word.parts.at(-1);
  return part?.kind === 'text' && !part.quoted ? part.text : '';
}

function isKeyword(word: RawWord): boolean {
  return KEYWORDS.has(textOf(word) ?? '');
}

/** True while the words so far are an unfinished `[[ ... ]]`. */
function insideTest(words: readonly RawWord[]): boolean {
  const head = words.find((word) => !isKeyword(word));
  return textOf(head) === '[[' && textOf(words.at(-1)) !== ']]';
}
