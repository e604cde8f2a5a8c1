import { fail, ok, type Result } from '../../contract/result.ts';

/** What placeholders can name: a value by dotted name, or undefined when there is none now. */
export type Lookup = (name: string) => string | undefined;

/** First words of placeholders, with what they need. Anything else is a typing mistake. */
const ROOTS: ReadonlySet<string> = new Set([
  'agent',
  'task',
  'capability',
  'branch',
  'parent',
  'depth',
  'root',
  'worktree',
  'turn',
  'answer',
  'mail',
  'payload',
  'count',
  'fact',
  'last',
]);

const PLACEHOLDER = /(\\?)\{\{\s*([A-Za-z]\w*(?:\.[\w-]+)*)\s*(?:\|([^{}]*))?\}\}/g;

/**
 * Fills `{{name}}` and `{{name|default}}`; `\{{name}}` stays as `{{name}}`. Values are inserted as they are and never
 * looked at again, so text from a mail cannot name further placeholders. A placeholder without a value is an error.
 */
export function render(text: string, lookup: Lookup): Result<string> {
  return fill(text, lookup, (value) => value);
}

/** The same for a shell command: each value becomes one quoted word, so that text from a mail cannot become a command. */
export function renderShell(text: string, lookup: Lookup): Result<string> {
  return fill(text, lookup, (value) => `'${value.replaceAll("'", "'\\''")}'`);
}

/** The same for every text inside a JSON value. */
export function renderDeep(value: unknown, lookup: Lookup): Result<unknown> {
  if (typeof value === 'string') return render(value, lookup);
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      const rendered = renderDeep(item, lookup);
      if (!rendered.ok) return rendered;
      items.push(rendered.value);
    }
    return ok(items);
  }
  if (typeof value === 'object' && value !== null) {
    const entries: [string, unknown][] = [];
    for (const [key, item] of Object.entries(value)) {
      const rendered = renderDeep(item, lookup);
      if (!rendered.ok) return rendered;
      entries.push([key, rendered.value]);
    }
    return ok(Object.fromEntries(entries));
  }
  return ok(value);
}

/** First placeholder of a text that no turn could ever fill; null when all are known. */
export function unknownPlaceholder(text: string): string | null {
  for (const [, backslash, name] of text.matchAll(PLACEHOLDER)) {
    if (backslash === '' && name !== undefined && !ROOTS.has(name.split('.')[0] ?? '')) return name;
  }
  return null;
}

/** Names a placeholder may begin with, for error messages. */
export const PLACEHOLDER_ROOTS: readonly string[] = [...ROOTS];

function fill(text: string, lookup: Lookup, encode: (value: string) => string): Result<string> {
  let missing: string | null = null;
  const filled = text.replace(PLACEHOLDER, (whole, backslash: string, name: string, fallback: string | undefined) => {
    if (backslash !== '') return whole.slice(1);
    const value = lookup(name) ?? fallback?.trim();
    if (value === undefined) {
      missing ??= name;
      return whole;
    }
    return encode(value);
  });
  if (missing === null) return ok(filled);
  return fail('validation', `{{${missing}}} has no value here; give it one with {{${missing}|default}}`);
}
