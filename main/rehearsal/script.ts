import { isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { MAIL_TYPES } from '../../contract/mail.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { type Step, Steps } from './steps.ts';
import { PLACEHOLDER_ROOTS, unknownPlaceholder } from './template.ts';

/** Mail a handler waits for. `any` is what nothing else wanted, `nudge` a text that is no mail. */
export const MATCHED_TYPES = [...MAIL_TYPES, 'any', 'nudge'] as const;

/** Steps that run when a mail comes. */
export interface Handler {
  readonly type: (typeof MATCHED_TYPES)[number];
  readonly from: string | null;
  /** Text the subject contains, in any case of letters. */
  readonly subject: string | null;
  readonly body: string | null;
  /** Runs once, at this matching mail, counted from 1; null runs at each. */
  readonly count: number | null;
  readonly steps: readonly Step[];
}

/** What a rehearsal agent does in its life. */
export interface Script {
  readonly start: readonly Step[];
  readonly handlers: readonly Handler[];
  /** Line of the spec file, counted from 1, in which a list's entry stands. */
  lineOf(list: ListName, indexes: readonly (number | string)[]): number;
}

/** Which list of steps: the start, or a handler by its place. */
export type ListName = 'start' | number;

/** The agent a script is read for; a block may be meant for one of several that share a spec. */
export interface ScriptReader {
  readonly agent: string;
  readonly capability: string;
}

const Matcher = z.strictObject({
  type: z.enum(MATCHED_TYPES).default('any'),
  from: z.string().nullable().default(null),
  subject: z.string().nullable().default(null),
  body: z.string().nullable().default(null),
  count: z.number().int().min(1).nullable().default(null),
  steps: Steps,
});
const Handlers = z.union([z.array(Matcher), z.partialRecord(z.enum(MATCHED_TYPES), Steps)]);
const ScriptFile = z.strictObject({ start: Steps.default([]), on: z.unknown().optional() });

/**
 * The rehearsal script in a spec: the fenced block whose info string is `rehearsal <agent>`, else `rehearsal <capability>`,
 * else `rehearsal`. Null when the spec has none for this agent. Errors name the file, the line and the remedy.
 */
export function readScript(spec: string, specPath: string, reader: ScriptReader): Result<Script | null> {
  const found = findBlock(spec, reader);
  if (found === null) return ok(null);
  if (!found.closed) return problem(specPath, found.line, 'the ```rehearsal block is never closed: end it with ```');

  const lineCounter = new LineCounter();
  const document = parseDocument(found.text, { lineCounter, prettyErrors: false, logLevel: 'error' });
  const lineAt = (offset: number) => found.line + lineCounter.linePos(offset).line;
  const broken = document.errors[0];
  if (broken !== undefined) {
    return problem(specPath, lineAt(broken.pos[0]), `not readable as YAML: ${broken.message.split('\n')[0]}`);
  }
  const lineOfPath = (path: readonly PropertyKey[]) => lineAt(offsetOf(document.contents, path));
  const textOfLine = (line: number) => found.text.split('\n')[line - found.line - 1] ?? '';
  const issueProblem = (error: z.ZodError, prefix: readonly PropertyKey[]) => {
    const [path, message] = firstIssue(error, prefix);
    const line = lineOfPath(path);
    // YAML takes a bare {{ for the start of a mapping.
    const quotes = /[:-]\s+\{\{/.test(textOfLine(line)) ? '; put quotes around a value that begins with {{' : '';
    return problem(specPath, line, `${path.length === 0 ? '' : `${path.join('.')}: `}${message}${quotes}`);
  };

  let raw: unknown;
  try {
    raw = document.toJS() ?? {};
  } catch (error) {
    // Thrown for aliases that expand without bound.
    return problem(specPath, found.line + 1, error instanceof Error ? error.message : String(error));
  }
  const file = ScriptFile.safeParse(raw);
  if (!file.success) return issueProblem(file.error, []);

  const on = file.data.on ?? [];
  const handlers = Array.isArray(on) ? z.array(Matcher).safeParse(on) : Handlers.safeParse(on);
  if (!handlers.success) return issueProblem(mapIssues(on, handlers.error), ['on']);

  const list: { readonly handler: Handler; readonly path: readonly PropertyKey[] }[] = [];
  if (Array.isArray(handlers.data)) {
    handlers.data.forEach((handler, index) => {
      list.push({ handler, path: ['on', index, 'steps'] });
    });
  } else {
    for (const [type, steps] of Object.entries(handlers.data)) {
      const handler = { from: null, subject: null, body: null, count: null, type: type as Handler['type'], steps };
      list.push({ handler, path: ['on', type] });
    }
  }

  const typo = firstUnknownPlaceholder(raw, []);
  if (typo !== null) {
    const remedy = `use one of ${PLACEHOLDER_ROOTS.join(', ')}, or write \\{{${typo.name}}} for the text itself`;
    return problem(specPath, lineOfPath(typo.path), `unknown placeholder {{${typo.name}}}: ${remedy}`);
  }
  return ok({
    start: file.data.start,
    handlers: list.map((entry) => entry.handler),
    lineOf: (name, indexes) => lineOfPath([...(name === 'start' ? ['start'] : (list[name]?.path ?? [])), ...indexes]),
  });
}

interface Block {
  readonly text: string;
  /** Line of the opening fence, counted from 1. */
  readonly line: number;
  readonly closed: boolean;
}

function findBlock(spec: string, reader: ScriptReader): Block | null {
  const blocks = new Map<string, Block>();
  const lines = spec.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const opening = /^(\s*)(`{3,}|~{3,})\s*(.*?)\s*$/.exec(lines[at] ?? '');
    if (opening === null) continue;
    const [, indent = '', fence = '', info = ''] = opening;
    const from = at + 1;
    const isClosing = (line: string) =>
      line.trim().startsWith(fence) && line.trim().replaceAll(fence[0] ?? '', '') === '';
    let to = from;
    while (to < lines.length && !isClosing(lines[to] ?? '')) to++;
    const [word, meantFor = ''] = info.split(/\s+/);
    if (word === 'rehearsal' && !blocks.has(meantFor)) {
      const text = lines.slice(from, to).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
      blocks.set(meantFor, { text: text.join('\n'), line: from, closed: to < lines.length });
    }
    at = to;
  }
  return blocks.get(reader.agent) ?? blocks.get(reader.capability) ?? blocks.get('') ?? null;
}

/** Character offset of the deepest existing node on a path. */
function offsetOf(contents: Node | null, path: readonly PropertyKey[]): number {
  let node: unknown = contents;
  let offset = contents?.range?.[0] ?? 0;
  for (const key of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === String(key));
      offset = rangeStart(pair?.key) ?? offset;
      next = pair?.value;
    } else if (isSeq(node)) {
      next = node.items[Number(key)];
      offset = rangeStart(next) ?? offset;
    }
    if (next === undefined || next === null) break;
    node = next;
  }
  return offset;
}

function rangeStart(node: unknown): number | null {
  const range = (node as { readonly range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0] ?? null;
}

function problem(specPath: string, line: number, message: string): Result<never> {
  return fail('validation', `rehearsal script, ${specPath}:${line}: ${message}`);
}

/** Place and text of the first thing that is wrong. */
function firstIssue(
  error: z.ZodError,
  prefix: readonly PropertyKey[],
): [path: readonly PropertyKey[], message: string] {
  const issue = error.issues[0];
  const path = [...prefix, ...(issue?.path ?? [])];
  if (issue?.code !== 'unrecognized_keys') return [path, issue?.message ?? 'not a script'];
  const keys = issue.keys.map((key) => `"${key}"`).join(', ');
  return [path, `unknown key ${keys}${path.length === 0 ? ': a script has start and on' : ''}`];
}

/** A union says only that nothing fitted; the mapping's own issues say what. */
function mapIssues(on: unknown, error: z.ZodError): z.ZodError {
  const types = MATCHED_TYPES as readonly string[];
  // A list has no union to see through.
  if (Array.isArray(on)) return error;
  if (typeof on !== 'object' || on === null) {
    return new z.ZodError([
      {
        code: 'custom',
        path: [],
        message: 'expected a list of matchers or a mapping from mail type to steps',
        input: on,
      },
    ]);
  }
  for (const [type, steps] of Object.entries(on)) {
    if (!types.includes(type)) {
      const message = `unknown mail type "${type}": use one of ${types.join(', ')}`;
      return new z.ZodError([{ code: 'custom', path: [type], message, input: on }]);
    }
    const parsed = Steps.safeParse(steps);
    if (parsed.success) continue;
    return new z.ZodError(parsed.error.issues.map((issue) => ({ ...issue, path: [type, ...issue.path] })));
  }
  return error;
}

function firstUnknownPlaceholder(
  value: unknown,
  path: readonly PropertyKey[],
): { readonly name: string; readonly path: readonly PropertyKey[] } | null {
  if (typeof value === 'string') {
    const name = unknownPlaceholder(value);
    return name === null ? null : { name, path };
  }
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, item] of Object.entries(value)) {
    const found = firstUnknownPlaceholder(item, [...path, key]);
    if (found !== null) return found;
  }
  return null;
}
