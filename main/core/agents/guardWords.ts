/** A piece of a word. `text` is what it says, or how it was written when its value is only known when it runs. */
export type WordPart =
  | { readonly kind: 'text'; readonly quoted: boolean; readonly text: string }
  /** `$name` or `${name}`; nothing is done to the value. */
  | { readonly kind: 'variable'; readonly quoted: boolean; readonly text: string; readonly name: string }
  /** `$(source)` or backticks. */
  | { readonly kind: 'output'; readonly quoted: boolean; readonly text: string; readonly source: string }
  /** `<(...)`: the path of a pipe. */
  | { readonly kind: 'process'; readonly quoted: boolean; readonly text: string }
  /** Anything else whose value is not known here, such as `${x:-y}` or `$((1 + 2))`. */
  | { readonly kind: 'unknown'; readonly quoted: boolean; readonly text: string };

/** What the reader of words needs of the reader of lines around it. */
export interface WordSource {
  readonly text: string;
  at: number;
  /** The line cannot be judged. */
  fail(problem?: string): void;
  /** A space or control character that looks like none. */
  strange(): void;
  /** Reads commands up to the `)` that closes them. */
  nested(): void;
  /** Reads a text apart from this one, as commands or as a here-document. */
  separate(text: string, readAs: 'commands' | 'quoted'): readonly WordPart[];
  /** Reads to the `))` of an arithmetic expression. */
  arithmetic(): void;
  /** Runs a nested reader, unless the nesting is absurd. */
  deeper(read: () => void): void;
}

/** `word`: one word. `document`: all that is left, as in a here-document. `dollar`: only what starts with `$` or a backtick here. */
export type WordMode = 'word' | 'document' | 'dollar';

/** Characters that end a word in bash; every other space is part of it. */
const ENDS_WORD = /[ \t\n;&|<>()]/;

/** Spaces and control characters that a reader takes for a space or does not see, and that the shell does not split at. */
const STRANGE = /[\p{Cc}\p{Cf}\p{Z}\u115f\u1160\u3164]/u;

/** Reads one word where the source stands. An empty word without parts is none. */
export function readWord(source: WordSource, mode: WordMode): { readonly parts: readonly WordPart[] } {
  const reader = new WordReader(source);
  if (mode === 'word') reader.word();
  else if (mode === 'document') reader.quoted('document');
  else reader.dollar(true, 'quotes');
  return { parts: reader.parts };
}

type Surroundings = 'none' | 'quotes' | 'document';

class WordReader {
  readonly parts: WordPart[] = [];
  readonly #source: WordSource;

  constructor(source: WordSource) {
    this.#source = source;
  }

  word(): void {
    const source = this.#source;
    while (source.at < source.text.length) {
      const char = source.text.charAt(source.at);
      if (ENDS_WORD.test(char)) return;
      if (char === '\\') this.#escape();
      else if (char === "'") this.#single();
      else if (char === '"') {
        source.at += 1;
        this.#add('', true);
        this.quoted('quotes');
      } else if (char === '$' || char === '`') this.dollar(false, 'none');
      else {
        if (STRANGE.test(char)) source.strange();
        this.#add(char, false);
        source.at += 1;
      }
    }
  }

  #escape(): void {
    const source = this.#source;
    const next = source.text.charAt(source.at + 1);
    source.at += 2;
    if (next === '\n') return;
    if (next === '') {
      source.at = source.text.length;
      this.#add('\\', true);
    } else {
      if (STRANGE.test(next) && !ENDS_WORD.test(next)) source.strange();
      this.#add(next, true);
    }
  }

  #single(): void {
    const source = this.#source;
    const end = source.text.indexOf("'", source.at + 1);
    if (end < 0) source.fail();
    this.#add(source.text.slice(source.at + 1, end < 0 ? undefined : end), true);
    source.at = end < 0 ? source.text.length : end + 1;
  }

  /** Reads the inside of double quotes, or a whole here-document under nearly the same rules. */
  quoted(surroundings: 'quotes' | 'document'): void {
    const source = this.#source;
    while (source.at < source.text.length) {
      const char = source.text.charAt(source.at);
      if (char === '"' && surroundings === 'quotes') {
        source.at += 1;
        return;
      }
      if (char === '\\') {
        const next = source.text.charAt(source.at + 1);
        const special = surroundings === 'quotes' ? /["$`\\]/ : /[$`\\]/;
        source.at += 2;
        if (next !== '\n') this.#add(special.test(next) ? next : `\\${next}`, true);
      } else if (char === '$' || char === '`') this.dollar(true, surroundings);
      else {
        this.#add(char, true);
        source.at += 1;
      }
    }
    source.at = source.text.length;
    if (surroundings === 'quotes') source.fail();
  }

  /** Reads what starts with `$` or a backtick: a substitution, a variable, `$'...'`, or the plain sign. */
  dollar(quoted: boolean, surroundings: Surroundings): void {
    const source = this.#source;
    const start = source.at;
    const rest = source.text.slice(start, start + 3);
    const written = (): string => source.text.slice(start, source.at);
    if (rest === '$((' || rest.startsWith('$[')) {
      source.at += rest === '$((' ? 3 : 2;
      if (rest === '$((') source.deeper(() => source.arithmetic());
      else source.fail('it has the old form $[...]');
      this.parts.push({ kind: 'unknown', quoted: true, text: written() });
    } else if (rest.startsWith('$(')) {
      source.at += 2;
      source.nested();
      const text = written();
      this.parts.push({ kind: 'output', quoted, text, source: text.slice(2, -1) });
    } else if (rest.startsWith('`')) this.#backticks(quoted, surroundings);
    else if (rest.startsWith("$'") && surroundings === 'none') this.#ansiQuoted();
    else if (rest.startsWith('$"') && surroundings === 'none') {
      source.at += 2;
      this.#add('', true);
      this.quoted('quotes');
    } else if (rest.startsWith('${')) source.deeper(() => this.#braces(quoted, surroundings));
    else {
      const name = /^\$(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(source.text.slice(start, start + 200))?.[0];
      source.at += name?.length ?? 1;
      if (name === undefined) {
        // A continued line between `$` and what follows would join them.
        if (source.text.startsWith('\\\n', source.at) && surroundings === 'none') source.fail();
        this.#add('$', quoted);
      } else this.parts.push({ kind: 'variable', quoted, text: name, name: name.slice(1) });
    }
  }

  /** Backticks take one level of backslashes off, then their inside is a command line of its own. */
  #backticks(quoted: boolean, surroundings: Surroundings): void {
    const source = this.#source;
    const inside: string[] = [];
    let at = source.at + 1;
    for (; at < source.text.length && source.text.charAt(at) !== '`'; at += 1) {
      const char = source.text.charAt(at);
      const next = source.text.charAt(at + 1);
      if (char === '\\' && (/[$`\\]/.test(next) || (next === '"' && surroundings === 'quotes'))) {
        inside.push(next);
        at += 1;
      } else inside.push(char);
    }
    if (at >= source.text.length) source.fail();
    source.at = Math.min(at + 1, source.text.length);
    const commands = inside.join('');
    source.separate(commands, 'commands');
    this.parts.push({ kind: 'output', quoted, text: `\`${commands}\``, source: commands });
  }

  /** `${...}`: a plain name is a variable, every other form has a value nobody knows here. */
  #braces(quoted: boolean, surroundings: Surroundings): void {
    const source = this.#source;
    const start = source.at;
    source.at += 2;
    while (source.at < source.text.length) {
      const char = source.text.charAt(source.at);
      if (char === '}') {
        source.at += 1;
        const text = source.text.slice(start, source.at);
        const name = /^\$\{([A-Za-z_]\w*|\d+|[@*#?$!-])\}$/.exec(text)?.[1];
        if (name === undefined) this.parts.push({ kind: 'unknown', quoted, text });
        else this.parts.push({ kind: 'variable', quoted, text, name });
        return;
      }
      const inner = new WordReader(source);
      if (char === '\\') inner.#escape();
      else if (char === "'" && surroundings === 'none') inner.#single();
      // Whether a single quote means anything here depends on the operator; such a line is not guessed at.
      else if (char === "'") {
        source.fail('it has a single quote inside braces inside quotes');
        source.at += 1;
      } else if (char === '"') {
        source.at += 1;
        inner.quoted('quotes');
      } else if (char === '$' || char === '`') inner.dollar(true, surroundings === 'none' ? 'none' : surroundings);
      else source.at += 1;
    }
    source.fail();
  }

  /** `$'...'`: escapes such as `\n` and `\x2f` are part of the text. */
  #ansiQuoted(): void {
    const source = this.#source;
    source.at += 2;
    this.#add('', true);
    while (source.at < source.text.length) {
      const char = source.text.charAt(source.at);
      if (char === "'") {
        source.at += 1;
        return;
      }
      const sequence =
        /^\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c([\s\S])|([\s\S]))/.exec(
          source.text.slice(source.at, source.at + 10),
        );
      if (sequence === null) {
        this.#add(char, true);
        source.at += 1;
        continue;
      }
      const [whole, hex, octal, short, long, control, other] = sequence;
      const code = hex ?? short ?? long;
      if (code !== undefined) this.#add(character(Number.parseInt(code, 16)), true);
      else if (octal !== undefined) this.#add(character(Number.parseInt(octal, 8) & 0xff), true);
      else if (control !== undefined) this.#add(character(control.charCodeAt(0) & 0x1f), true);
      else this.#add(ANSI_ESCAPES[other ?? ''] ?? `\\${other ?? ''}`, true);
      source.at += whole.length;
    }
    source.fail();
  }

  #add(text: string, quoted: boolean): void {
    const last = this.parts.at(-1);
    if (last?.kind === 'text' && last.quoted === quoted) {
      this.parts[this.parts.length - 1] = { ...last, text: last.text + text };
    } else this.parts.push({ kind: 'text', quoted, text });
  }
}

const ANSI_ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  E: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

/** A text ends at a zero character in the shell, so one is as good as none. */
function character(code: number): string {
  return code === 0 || code > 0x10ffff ? '' : String.fromCodePoint(code);
}
