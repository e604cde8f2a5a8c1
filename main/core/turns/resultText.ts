/** What a line of a tool's output tells: something went well, something failed, or neither. */
export type ResultTone = 'plain' | 'good' | 'bad';

export interface ResultLine {
  readonly tone: ResultTone;
  readonly text: string;
}

/** What is drawn of a tool's output, and how many lines more there are. */
export interface ReadableResult {
  readonly lines: readonly ResultLine[];
  readonly more: number;
}

/** Characters of an answer in JSON that are parsed to be told in words; more is a file, not an answer. */
const JSON_LENGTH = 32 * 1024;
/** Characters of one drawn line of fields: one row of a terminal of 80 columns. */
const FIELDS_WIDTH = 76;
/** Levels of an object whose fields are told, and members of a list that are named. */
const DEPTH = 3;
const NAMED = 6;

/**
 * What a person reads of a tool's output: an answer in JSON as its fields, a file that was read as its length, test and
 * diff lines by what they tell, anything else as it is. The whole of it is in the turn's log.
 *
 * @param content the output as the tool gave it, not made safe for drawing.
 * @param most lines drawn.
 */
export function readableResult(content: string, most: number): ReadableResult {
  const answer = jsonAnswer(content);
  if (answer !== null) {
    const lines = answer.flatMap(packed).map((text): ResultLine => ({ tone: 'plain', text }));
    return { lines: lines.slice(0, most), more: Math.max(0, lines.length - most) };
  }
  const all = content.replace(/\n+$/, '').split('\n');
  if (all.length === 1 && all[0] === '') return { lines: [], more: 0 };
  const shown = all.slice(0, most);
  if (all.length > 1 && shown.every(isNumbered)) {
    return { lines: [{ tone: 'plain', text: `${all.length} lines` }], more: 0 };
  }
  const diff = shown.some((line) => line.startsWith('@@ ') || line.startsWith('diff --git '));
  return {
    lines: shown.map((text) => ({ tone: diff ? diffTone(text) : testTone(text), text })),
    more: all.length - shown.length,
  };
}

/** Lines of a file as agents' tools give them: a number and an arrow or a tab. */
function isNumbered(line: string): boolean {
  return /^\s*\d+[→\t]/.test(line.slice(0, 20));
}

function testTone(line: string): ResultTone {
  const start = line.slice(0, 200).trimStart();
  if (/^(?:[✓✔√]|ok \d|PASS\b)/u.test(start)) return 'good';
  if (/^(?:[✗✕✖×✘]|not ok\b|FAIL(?:ED)?\b|(?:[A-Za-z]*[Ee]rror|fatal|panic):)/u.test(start)) return 'bad';
  return 'plain';
}

function diffTone(line: string): ResultTone {
  if (line.startsWith('+') && !line.startsWith('+++')) return 'good';
  if (line.startsWith('-') && !line.startsWith('---')) return 'bad';
  return 'plain';
}

/** The answers of an output that is nothing but JSON: one, the members of a list, or one a line; otherwise null. */
function jsonAnswer(content: string): readonly object[] | null {
  if (content.length > JSON_LENGTH) return null;
  const text = content.trim();
  if (!text.startsWith('{') && !text.startsWith('[')) return null;
  const whole = parsed(text);
  if (whole !== null) {
    const answers = Array.isArray(whole) ? whole : [whole];
    return answers.length > 0 && answers.every(isObject) ? answers : null;
  }
  const answers = text.split('\n').map(parsed);
  return answers.every(isObject) ? answers : null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: it is told as it is.
    return null;
  }
}

/** Fields of an answer, as many in a line as fit. */
function packed(answer: object): string[] {
  const lines: string[] = [];
  for (const field of new Set(fieldsOf(answer, DEPTH))) {
    const last = lines.at(-1);
    const joined = last === undefined ? field : `${last} · ${field}`;
    if (last === undefined || joined.length > FIELDS_WIDTH) lines.push(field);
    else lines[lines.length - 1] = joined;
  }
  return lines;
}

/** A moment as programs write it: of an answer that just came it tells nothing. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** What an answer tells; what is empty, when it was, and that it succeeded, goes without saying. */
function fieldsOf(answer: object, depth: number): string[] {
  return Object.entries(answer).flatMap(([key, value]: [string, unknown]) => {
    if (value === null || value === '' || (key === 'success' && value === true)) return [];
    if (typeof value === 'string' && MOMENT.test(value)) return [];
    if (Array.isArray(value)) {
      if (value.length === 0) return [];
      if (value.some((member) => typeof member === 'object')) return [`${key} ${value.length}`];
      const named = value.slice(0, NAMED).map(String).join(', ');
      return [value.length > NAMED ? `${key} ${named} and ${value.length - NAMED} more` : `${key} ${named}`];
    }
    if (typeof value === 'object') return depth > 1 ? fieldsOf(value, depth - 1) : [key];
    return [`${key} ${String(value)}`];
  });
}
