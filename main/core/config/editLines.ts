import { isMap, isScalar, type Pair, type ParsedNode, Scalar, stringify, type YAMLMap } from 'yaml';
import { readDocument } from './yamlText.ts';

type Entry = Pair<ParsedNode, ParsedNode | null>;
type Section = YAMLMap.Parsed;

/** A section on the way to a key, and the entry in it that leads on. */
interface Step {
  readonly section: Section;
  readonly entry: Entry | null;
}

/**
 * Changes the lines of one setting and no others. The caller checks the outcome: places are those of a file in block style
 * without tabs, and what comes out for another one may be wrong. Null when there is no way to do it by lines.
 */
export function editLines(text: string, path: readonly string[], value: unknown): string | null {
  const root = readDocument(text).contents;
  if (root === null) return value === undefined ? text : append(text, text.length, block(path, value, ''));
  if (!isMap(root)) return null;
  const steps = stepsTo(root, path);
  const last = steps.at(-1);
  if (last === undefined) return null;
  const found = steps.length === path.length ? last.entry : null;
  if (value === undefined) return found === null ? text : remove(text, steps);
  if (found !== null) return exchange(text, found, value) ?? replace(text, found, last.section, path, value);
  if (last.section.flow === true) return null;
  const rest = path.slice(steps.length - 1);
  const indent = ' '.repeat(columnOf(text, last.section));
  if (last.entry !== null) {
    // An empty section: what is new comes below its own line.
    const key = startOf(last.entry);
    return key === null ? null : append(text, lineEnd(text, key), block(rest.slice(1), value, `${indent}  `));
  }
  const end = lastPlace(last.section);
  return end === null ? null : append(text, lineEnd(text, end), block(rest, value, indent));
}

/** Sections along the path, as far as there are any. */
function stepsTo(root: Section, path: readonly string[]): readonly Step[] {
  const steps: Step[] = [];
  let section: unknown = root;
  for (const name of path) {
    if (!isMap(section)) break;
    const entry = section.items.find((item) => isScalar(item.key) && String(item.key.value) === name) ?? null;
    steps.push({ section: section as Section, entry: entry as Entry | null });
    if (entry === null) break;
    section = entry.value;
  }
  return steps;
}

/** The text with one plain value in another's place; null when it takes more than that. */
function exchange(text: string, entry: Entry, value: unknown): string | null {
  const node = entry.value;
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (!plain || !isScalar(node) || node.anchor !== undefined || node.tag !== undefined) return null;
  if (node.type === Scalar.BLOCK_FOLDED || node.type === Scalar.BLOCK_LITERAL) return null;
  const [from, to] = node.range;
  if (from === to) return null;
  const written = stringify(value, { lineWidth: 0 }).trimEnd();
  return written.includes('\n') ? null : text.slice(0, from) + written + text.slice(to);
}

/** The entry's lines with others in their place. */
function replace(text: string, entry: Entry, section: Section, path: readonly string[], value: unknown): string | null {
  const span = spanOf(text, entry);
  if (span === null || section.flow === true) return null;
  const indent = ' '.repeat(columnOf(text, section));
  const lines = withLineEnds(text, block(path.slice(-1), value, indent));
  return text.slice(0, span.from) + lines + text.slice(span.to);
}

/** Without the entry, and without the sections above it that held nothing else. */
function remove(text: string, steps: readonly Step[]): string | null {
  let depth = steps.length - 1;
  while (depth > 0 && steps[depth]?.section.items.length === 1) depth -= 1;
  const step = steps[depth];
  if (step?.entry === null || step?.entry === undefined || step.section.flow === true) return null;
  const span = spanOf(text, step.entry);
  return span === null ? null : text.slice(0, span.from) + text.slice(span.to);
}

/** Lines of an entry, from the start of the first to the start of the one that follows. */
function spanOf(text: string, entry: Entry): { readonly from: number; readonly to: number } | null {
  const start = startOf(entry);
  const end = endOf(entry);
  if (start === null || end === null) return null;
  const stop = lineEnd(text, end);
  return { from: text.lastIndexOf('\n', start - 1) + 1, to: Math.min(text.length, stop + 1) };
}

function startOf(entry: Entry): number | null {
  return entry.key.range[0];
}

/** Place of the last character an entry has, its last value's. */
function endOf(entry: Entry): number | null {
  const value = entry.value;
  if (value === null || (isScalar(value) && value.range[0] === value.range[1])) return entry.key.range[1];
  if (isMap(value) && value.flow !== true) return lastPlace(value as Section);
  return value.range[1];
}

function lastPlace(section: Section): number | null {
  const last = section.items.at(-1);
  return last === undefined ? null : endOf(last as Entry);
}

/** Blanks before the names of a section. */
function columnOf(text: string, section: Section): number {
  const first = section.items[0] as Entry | undefined;
  const start = first === undefined ? null : startOf(first);
  return start === null ? 0 : start - (text.lastIndexOf('\n', start - 1) + 1);
}

/** End of the line on which the last character before this place is, without its line feed. */
function lineEnd(text: string, place: number): number {
  let at = place;
  while (at > 0 && /\s/.test(text[at - 1] ?? '')) at -= 1;
  const feed = text.indexOf('\n', at);
  if (feed < 0) return text.length;
  return text[feed - 1] === '\r' ? feed - 1 : feed;
}

/** The lines of a value under the names that are left of its path. */
function block(path: readonly string[], value: unknown, indent: string): string {
  const nested = path.reduceRight<unknown>((below, name) => ({ [name]: below }), value);
  return stringify(nested, { lineWidth: 0 }).replaceAll(/^(?=.)/gm, indent);
}

/** Lines put in after a line. */
function append(text: string, place: number, lines: string): string {
  const before = text.slice(0, place);
  const after = text.slice(place).replace(/^\r?\n/, '');
  const feed = before === '' || before.endsWith('\n') ? '' : text.includes('\r\n') ? '\r\n' : '\n';
  return before + feed + withLineEnds(text, lines) + after;
}

function withLineEnds(text: string, lines: string): string {
  return text.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines;
}
