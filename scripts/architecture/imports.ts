import { posix } from 'node:path';

/** One import of a file. */
export interface Import {
  /** As written: `./agents.ts`, `node:path`, `zod`. */
  readonly specifier: string;
  /** True for `import type` and `export type ... from`, which leave no trace at run time. */
  readonly typeOnly: boolean;
}

const STATIC = /\b(?:import|export)\s+(type\s+(?!from\b|,))?(?:[\w$*{}\s,]+?\s+from\s*)?(['"])([^'"\n]+)\2/g;
const DYNAMIC = /\b(?:import|require)\s*\(\s*(['"])([^'"\n]+)\1/g;

/** All imports of a TypeScript or JavaScript text, dynamic ones included. */
export function parseImports(text: string): readonly Import[] {
  const code = blankComments(text);
  const found: Import[] = [];
  for (const match of code.matchAll(STATIC)) {
    found.push({ specifier: match[3] ?? '', typeOnly: match[1] !== undefined });
  }
  for (const match of code.matchAll(DYNAMIC)) found.push({ specifier: match[2] ?? '', typeOnly: false });
  return found;
}

/** Characters after which a slash starts a regular expression, not a division. */
const BEFORE_EXPRESSION = new Set([...'(,=:[!&|?{};+-*%<>~^\n']);

/**
 * Replaces comments, template literals and regular expressions by spaces, so that words in them are not taken for code.
 * Ordinary strings stay: import specifiers are strings.
 */
export function blankComments(text: string): string {
  let out = '';
  let last = '\n';
  let index = 0;
  const blank = (end: number): void => {
    out += text.slice(index, end).replace(/[^\n]/g, ' ');
    index = end;
  };
  while (index < text.length) {
    const character = text.charAt(index);
    const pair = text.slice(index, index + 2);
    if (pair === '//') blank(endOf(text, '\n', index));
    else if (pair === '/*') blank(Math.min(text.length, endOf(text, '*/', index) + 2));
    else if (character === '`') {
      blank(closing(text, index, '`'));
      last = '`';
    } else if (character === '/' && BEFORE_EXPRESSION.has(last)) {
      blank(closing(text, index, '/'));
      last = '/';
    } else if (character === '"' || character === "'") {
      const end = closing(text, index, character);
      out += text.slice(index, end);
      index = end;
      last = character;
    } else {
      out += character;
      if (!/[ \t\r]/.test(character)) last = character;
      index += 1;
    }
  }
  return out;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at;
}

/** Position after the literal that starts at `from`; a regular expression's class may hold its slash, a string ends at its line. */
function closing(text: string, from: number, quote: string): number {
  let inClass = false;
  for (let index = from + 1; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '\\') index += 1;
    else if (quote === '/' && character === '[') inClass = true;
    else if (quote === '/' && character === ']') inClass = false;
    else if (character === quote && !inClass) return index + 1;
    else if (character === '\n' && quote !== '`') return index;
  }
  return text.length;
}

/** Path from the root of what a relative specifier means, else null. */
export function resolveImport(from: string, specifier: string): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : null;
}

/** Name of the package of a bare specifier: `@xterm/xterm/css/x.css` gives `@xterm/xterm`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}
