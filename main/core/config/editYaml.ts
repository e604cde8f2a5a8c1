import { isDeepStrictEqual } from 'node:util';
import { type Document, isCollection, isMap, isScalar } from 'yaml';
import type { ConfigChange } from '../../../contract/config.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { editLines } from './editLines.ts';
import { pathOf } from './settingKeys.ts';
import { parseYamlMapping, readDocument } from './yamlText.ts';

/**
 * Text of a settings file after some changes. Comments, order and everything that is not changed stay as a person wrote
 * them: only the lines of a change are written. Where that cannot be done, as in `{ flow: style }`, the library writes the
 * file anew, comments included. Pure. @param label name of the file, for messages.
 */
export function editYaml(text: string, changes: readonly ConfigChange[], label: string): Result<string> {
  const parsed = parseYamlMapping(text, label);
  if (!parsed.ok) return parsed;
  let current = text;
  for (const change of changes) {
    const rewritten = rewrite(current, change);
    const wanted = parseYamlMapping(rewritten, label);
    if (!wanted.ok) return fail('internal', `${label} could not be changed: ${wanted.error.message}`);
    const edited = editLines(current, pathOf(change.key), change.value);
    const got = edited === null ? null : parseYamlMapping(edited, label);
    current = edited !== null && got?.ok === true && isDeepStrictEqual(got.value, wanted.value) ? edited : rewritten;
  }
  return ok(current);
}

/** The file as the library writes it with that change: right in any case, but its own in blanks and spelling. */
function rewrite(text: string, { key, value }: ConfigChange): string {
  const document = readDocument(text);
  const path = pathOf(key);
  if (value === undefined) {
    if (!document.hasIn(path)) return text;
    document.deleteIn(path);
    dropEmpty(document, path);
  } else {
    for (let depth = 1; depth < path.length; depth += 1) {
      const above = path.slice(0, depth);
      const section: unknown = document.getIn(above, true);
      if (isMap(section)) continue;
      // An empty section such as `models:` holds null: it becomes one that can be filled, and keeps its comment.
      const made = document.createNode({});
      if (isScalar(section)) made.comment = section.comment ?? null;
      document.setIn(above, made);
    }
    document.setIn(path, document.createNode(value));
  }
  if (isMap(document.contents) && document.contents.items.length === 0) return comments(text);
  const written = document.toString({ lineWidth: 0 });
  return text.includes('\r\n') ? written.replaceAll(/\r?\n/g, '\r\n') : written;
}

/** Takes away sections that a removal has left empty. */
function dropEmpty(document: Document.Parsed, path: readonly string[]): void {
  for (let depth = path.length - 1; depth > 0; depth -= 1) {
    const above = path.slice(0, depth);
    const section: unknown = document.getIn(above, true);
    if (!isCollection(section) || section.items.length > 0) return;
    document.deleteIn(above);
  }
}

/** What is left of a file without any setting: its comments. */
function comments(text: string): string {
  return text
    .split(/\r?\n/)
    .filter((line) => /^\s*#/.test(line))
    .map((line) => `${line}\n`)
    .join('');
}
