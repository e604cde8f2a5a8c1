/** One word of a command, quotes resolved. */
export interface ShellWord {
  readonly text: string;
  /** True when the shell would still replace a part of it: a variable or a command's output. */
  readonly dynamic: boolean;
  /** True when any part was quoted: `"if"` is no keyword. */
  readonly quoted: boolean;
}

/** `> file` and its relatives. Duplications such as `2>&1` are left out: they name no file. */
export interface ShellRedirect {
  readonly writes: boolean;
  readonly target: ShellWord;
}

/** What a command line consists of, in order; nested commands stand where they run. */
export type ShellItem =
  | { readonly kind: 'command'; readonly words: readonly ShellWord[]; readonly redirects: readonly ShellRedirect[] }
  /** A subshell begins or ends: a `cd` inside does not reach out. */
  | { readonly kind: 'open' }
  | { readonly kind: 'close' };

export interface ShellLine {
  readonly items: readonly ShellItem[];
  /** False when a quote or a parenthesis is not closed; the shell would refuse such a line too. */
  readonly complete: boolean;
}

/** Nested substitutions deeper than this are not read; nobody writes them by hand. */
const MAX_DEPTH = 20;

/**
 * Splits a shell command line into its simple commands: quotes, escapes, operators, redirections, here-documents, comments,
 * subshells, command and process substitutions. It reads what bash reads closely enough for rules about commands; it is no
 * shell (spec 02 §3.10: the reference looks at the start of the line only).
 */
export function lexShell(command: string): ShellLine {
  const lexer = new Lexer(command);
  const complete = lexer.readList('');
  return { items: lexer.items, complete: complete && lexer.atEnd() };
}

class Lexer {
  readonly items: ShellItem[] = [];
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #hereDocuments: Array<{ readonly delimiter: string; readonly expands: boolean; readonly stripTabs: boolean }> = [];

  constructor(text: string) {
    this.#text = text.replaceAll('\\\n', '');
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Reads commands until the closing text (`)` or a backtick) or the end; false when the closing text never came. */
  readList(closing: string): boolean {
    return this.#deeper(() => this.#readCommands(closing));
  }

  /** Runs a nested reader, unless the nesting is absurd. */
  #deeper(read: () => boolean): boolean {
    if (this.#depth > MAX_DEPTH) {
      // Nothing behind this point is worth reading: the line is refused as a whole.
      this.#at = this.#text.length;
      return false;
    }
    this.#depth += 1;
    const complete = read();
    this.#depth -= 1;
    return complete;
  }

  #readCommands(closing: string): boolean {
    let words: ShellWord[] = [];
    let redirects: ShellRedirect[] = [];
    let complete = true;
    const finish = () => {
      if (words.length > 0 || redirects.length > 0) this.items.push({ kind: 'command', words, redirects });
      words = [];
      redirects = [];
    };
    while (!this.atEnd()) {
      const rest = this.#text.slice(this.#at, this.#at + 3);
      const char = rest.charAt(0);
      if (insideTest(words) && /[<>()&|]/.test(char)) {
        // In `[[ a > b ]]` these compare and group; nothing is redirected.
        words.push({ text: char, dynamic: false, quoted: false });
        this.#at += 1;
        continue;
      }
      if (closing !== '' && char === closing) {
        finish();
        this.#at += 1;
        return complete;
      }
      if (char === '\n') {
        finish();
        this.#at += 1;
        complete = this.#readHereDocuments() && complete;
      } else if (char === ' ' || char === '\t' || char === '\r') {
        this.#at += 1;
      } else if (char === '#') {
        this.#skipLine();
      } else if (/^(?:<\(|>\()/.test(rest)) {
        this.#at += 2;
        complete = this.#nested(')') && complete;
        words.push({ text: '/dev/fd/0', dynamic: false, quoted: true });
      } else if (/^(?:&>|[<>])/.test(rest) || this.#isNumberedRedirect()) {
        complete = this.#readRedirect(redirects) && complete;
      } else if (char === ';' || char === '&' || char === '|') {
        finish();
        this.#at += 1;
      } else if (rest.startsWith('((') && words.length === 0) {
        this.#at += 2;
        complete = this.#deeper(() => this.#readArithmetic()) && complete;
      } else if (char === '(') {
        finish();
        this.#at += 1;
        complete = this.#nested(')') && complete;
      } else if (char === ')') {
        // A `case` pattern ends, or a parenthesis too many: either way a new command follows.
        words = [];
        this.#at += 1;
      } else {
        const word = this.#readWord(closing);
        if (word === null) complete = false;
        else words.push(word);
      }
    }
    finish();
    return complete && closing === '';
  }

  /** Reads a nested list in a scope of its own. */
  #nested(closing: string): boolean {
    this.items.push({ kind: 'open' });
    const complete = this.readList(closing);
    this.items.push({ kind: 'close' });
    return complete;
  }

  #isNumberedRedirect(): boolean {
    return /^\d+[<>]/.test(this.#text.slice(this.#at, this.#at + 8));
  }

  #readRedirect(redirects: ShellRedirect[]): boolean {
    const operator =
      /^\d*(?:<<<|<<-|<<|<>|<&|<|&>>|&>|>>|>\||>&|>)/.exec(this.#text.slice(this.#at, this.#at + 12))?.[0] ?? '';
    this.#at += operator.length;
    const kind = operator.replace(/^\d+/, '');
    while (this.#text.charAt(this.#at) === ' ' || this.#text.charAt(this.#at) === '\t') this.#at += 1;
    const target = this.#readWord('');
    if (target === null || (target.text === '' && !target.quoted)) return false;
    if (kind === '<<' || kind === '<<-') {
      this.#hereDocuments.push({ delimiter: target.text, expands: !target.quoted, stripTabs: kind === '<<-' });
    } else if (kind !== '<<<' && !(/&$/.test(kind) && /^(?:\d+-?|-)$/.test(target.text))) {
      redirects.push({ writes: kind.includes('>'), target });
    }
    return true;
  }

  /** Skips the bodies announced on the line that just ended; substitutions in an unquoted one do run. */
  #readHereDocuments(): boolean {
    let complete = true;
    const pending = this.#hereDocuments;
    this.#hereDocuments = [];
    for (const document of pending) {
      const body: string[] = [];
      let closed = false;
      while (!this.atEnd()) {
        const end = this.#text.indexOf('\n', this.#at);
        const line = this.#text.slice(this.#at, end < 0 ? undefined : end);
        const compared = document.stripTabs ? line.replace(/^\t+/, '') : line;
        // The closing parenthesis of a substitution may follow the delimiter on its line.
        if (compared === document.delimiter || compared.replace(/[)"`\s]+$/, '') === document.delimiter) {
          this.#at += line.length - compared.length + document.delimiter.length;
          closed = true;
          break;
        }
        body.push(line);
        this.#at = end < 0 ? this.#text.length : end + 1;
      }
      complete = closed && complete;
      if (document.expands) this.#readSubstitutions(body.join('\n'));
    }
    return complete;
  }

  #readSubstitutions(text: string): void {
    const inner = new Lexer(text.replaceAll('"', '\\"'));
    inner.#depth = this.#depth + 1;
    if (inner.#depth <= MAX_DEPTH) inner.#readQuoted([], true);
    this.items.push(...inner.items);
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  /** Reads one word; null when a quote or substitution in it is not closed. */
  #readWord(closing: string): ShellWord | null {
    const parts: string[] = [];
    let dynamic = false;
    let quoted = false;
    let intact = true;
    while (!this.atEnd()) {
      const char = this.#text.charAt(this.#at);
      if (/[\s;&|<>()]/.test(char) || (closing !== '' && char === closing)) break;
      if (char === '\\') {
        parts.push(this.#text.charAt(this.#at + 1));
        quoted = true;
        this.#at += 2;
      } else if (char === "'") {
        const end = this.#text.indexOf("'", this.#at + 1);
        intact = end >= 0;
        parts.push(this.#text.slice(this.#at + 1, end < 0 ? undefined : end));
        this.#at = end < 0 ? this.#text.length : end + 1;
        quoted = true;
      } else if (char === '"') {
        this.#at += 1;
        const inside = this.#readQuoted(parts, false);
        quoted = true;
        dynamic = dynamic || inside.dynamic;
        intact = inside.closed;
      } else if (char === '$' || char === '`') {
        const result = this.#readDollar(parts, false);
        dynamic = dynamic || result.dynamic;
        quoted = quoted || result.quoted;
        intact = result.closed;
      } else {
        parts.push(char);
        this.#at += 1;
      }
      if (!intact) return null;
    }
    return { text: parts.join(''), dynamic, quoted };
  }

  /** Reads the inside of double quotes, or a whole text under the same rules. */
  #readQuoted(parts: string[], untilEnd: boolean): { readonly dynamic: boolean; readonly closed: boolean } {
    let dynamic = false;
    while (!this.atEnd()) {
      const char = this.#text.charAt(this.#at);
      if (char === '"' && !untilEnd) {
        this.#at += 1;
        return { dynamic, closed: true };
      }
      if (char === '\\') {
        const next = this.#text.charAt(this.#at + 1);
        parts.push(/["$`\\]/.test(next) ? next : `\\${next}`);
        this.#at += 2;
      } else if (char === '$' || char === '`') {
        const result = this.#readDollar(parts, true);
        dynamic = dynamic || result.dynamic;
        if (!result.closed) return { dynamic, closed: false };
      } else {
        parts.push(char);
        this.#at += 1;
      }
    }
    return { dynamic, closed: untilEnd };
  }

  /** Reads what starts with `$` or a backtick: a substitution, a variable, `$'...'`, or the plain sign. */
  #readDollar(parts: string[], inQuotes: boolean): { dynamic: boolean; quoted: boolean; closed: boolean } {
    const rest = this.#text.slice(this.#at, this.#at + 3);
    if (rest === '$((') {
      this.#at += 3;
      parts.push('$()');
      // A subshell right inside a substitution looks the same; it then counts as unreadable, which a space between cures.
      return { dynamic: true, quoted: false, closed: this.#deeper(() => this.#readArithmetic()) };
    }
    if (rest.startsWith('`') || rest.startsWith('$(')) {
      const backtick = rest.startsWith('`');
      this.#at += backtick ? 1 : 2;
      parts.push('$()');
      return { dynamic: true, quoted: false, closed: this.#nested(backtick ? '`' : ')') };
    }
    if (rest.startsWith("$'") && !inQuotes) {
      return { dynamic: false, quoted: true, closed: this.#readAnsiQuoted(parts) };
    }
    if (rest.startsWith('${'))
      return { dynamic: true, quoted: false, closed: this.#deeper(() => this.#readBraces(parts)) };
    const name = /^\$(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(this.#text.slice(this.#at, this.#at + 200))?.[0];
    parts.push(name ?? '$');
    this.#at += name?.length ?? 1;
    return { dynamic: name !== undefined, quoted: false, closed: true };
  }

  /** Reads to the `))` of an arithmetic expression; only substitutions in it run anything. */
  #readArithmetic(): boolean {
    let open = 2;
    while (!this.atEnd()) {
      const char = this.#text.charAt(this.#at);
      if (char === '$' || char === '`') {
        if (!this.#readDollar([], true).closed) return false;
        continue;
      }
      this.#at += 1;
      if (char === '(') open += 1;
      if (char === ')') open -= 1;
      if (open === 1 && this.#text.charAt(this.#at) !== ')') return false;
      if (open === 0) return true;
    }
    return false;
  }

  #readBraces(parts: string[]): boolean {
    this.#at += 2;
    const inside: string[] = [];
    while (!this.atEnd()) {
      const char = this.#text.charAt(this.#at);
      if (char === '}') {
        this.#at += 1;
        parts.push(`\${${inside.join('')}}`);
        return true;
      }
      if (char === '$' || char === '`') {
        if (!this.#readDollar(inside, true).closed) return false;
      } else {
        inside.push(char);
        this.#at += 1;
      }
    }
    return false;
  }

  /** `$'...'`: escapes such as `\n` and `\x2f` are part of the text. */
  #readAnsiQuoted(parts: string[]): boolean {
    this.#at += 2;
    while (!this.atEnd()) {
      const char = this.#text.charAt(this.#at);
      if (char === "'") {
        this.#at += 1;
        return true;
      }
      const sequence = /^\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{1,4})|([\s\S]))/.exec(
        this.#text.slice(this.#at, this.#at + 8),
      );
      if (sequence === null) {
        parts.push(char);
        this.#at += 1;
        continue;
      }
      const [whole, hex, octal, unicode, other] = sequence;
      const code = hex ?? unicode;
      if (code !== undefined) parts.push(String.fromCharCode(Number.parseInt(code, 16)));
      else if (octal !== undefined) parts.push(String.fromCharCode(Number.parseInt(octal, 8)));
      else parts.push({ n: '\n', t: '\t', r: '\r', e: '\u001b' }[other ?? ''] ?? other ?? '');
      this.#at += whole.length;
    }
    return false;
  }
}

/** True while the words so far are an unfinished `[[ ... ]]`. */
function insideTest(words: readonly ShellWord[]): boolean {
  const head = words[0];
  return head !== undefined && !head.quoted && head.text === '[[' && words.at(-1)?.text !== ']]';
}
