import { type Document, isScalar, parseDocument, type ScalarTag, visit } from 'yaml';
import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import { isMapping, type YamlMapping, type YamlValue } from './yamlValue.ts';

export { isMapping, type YamlMapping, type YamlValue } from './yamlValue.ts';

/** Characters. A settings file beyond this is a mistake, and reading it would cost more than it is worth. */
const MAX_LENGTH = 1024 * 1024;

/** Anchors may be repeated this often in all; more is an expansion attack (`yaml` counts the aliases). */
const MAX_ALIASES = 50;

/** `30_000`, which overstory's own reader takes as a number (spec 03 §5.1). */
const groupedInteger: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?\d+(?:_\d+)+$/,
  resolve: (text) => Number(text.replaceAll('_', '')),
  // Written back as it was read.
  stringify: ({ source, value }) => source ?? String(value),
};

/** Keys that would reach an object's machinery instead of its data. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Parses a settings file with its comments; what is wrong with it is in the document's `errors`. */
export function readDocument(text: string): Document.Parsed {
  return parseDocument(expandTabs(text), {
    customTags: (tags) => [groupedInteger, ...tags],
    prettyErrors: true,
    logLevel: 'silent',
  });
}

/**
 * Reads YAML 1.2 into plain data; `30_000` is a number, `yes` stays text, and a tab at the start of a line counts as two
 * columns (spec 03 §5.1). A key without any value is left out, so that defaults stay; an explicit `null` is kept. The
 * error is one line with the place, tagged `config`.
 * @param label name of the file, used in the message.
 */
export function parseYaml(text: string, label: string): Result<YamlValue> {
  if (text.length > MAX_LENGTH) {
    return fail('config', `${label} is larger than ${MAX_LENGTH} characters; make it smaller`);
  }
  const document = readDocument(text);
  const problem = document.errors[0];
  if (problem !== undefined) return malformed(label, problem.message);
  visit(document, {
    Pair(_key, pair) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      if (FORBIDDEN_KEYS.has(key)) return visit.REMOVE;
      if (pair.value === null) return visit.REMOVE;
      if (isScalar(pair.value) && pair.value.value === null && (pair.value.source ?? '') === '') return visit.REMOVE;
      return undefined;
    },
  });
  try {
    return ok(document.toJS({ maxAliasCount: MAX_ALIASES }) as YamlValue);
  } catch (error) {
    // The library reports too many aliases, or an alias without an anchor, by throwing.
    return malformed(label, error instanceof Error ? error.message : String(error));
  }
}

/** Like `parseYaml`, for a file that must hold settings by name; an empty file is an empty mapping. */
export function parseYamlMapping(text: string, label: string): Result<YamlMapping, CallError> {
  const parsed = parseYaml(text, label);
  if (!parsed.ok) return parsed;
  if (parsed.value === null) return ok({});
  if (!isMapping(parsed.value)) return fail('config', `${label} must hold settings as "key: value" lines`);
  return ok(parsed.value);
}

function malformed(label: string, message: string): Result<never> {
  const firstLine = message.split('\n', 1)[0]?.replace(/:$/, '') ?? message;
  return fail('config', `${label} is not valid YAML: ${firstLine}; correct that line or put the value in quotes`);
}

function expandTabs(text: string): string {
  return text.replace(/^[ \t]+/gm, (indent) => indent.replaceAll('\t', '  '));
}
