import type { TranscriptUsage } from '../adapter.ts';
import { asNumber, asObject, asText, type JsonObject, parseObjectLine } from '../json.ts';

/** The objects of a file of JSON lines; what is no object is skipped. */
function entriesOf(text: string): readonly JsonObject[] {
  return text
    .split('\n')
    .map(parseObjectLine)
    .filter((entry) => entry !== null);
}

/** Adds up what `read` finds in each entry; null when the file holds no entry at all. */
function sum(
  text: string,
  read: (entry: JsonObject) => { readonly usage?: TokenPair | null; readonly model?: string | null },
  keep: 'first' | 'last',
): TranscriptUsage | null {
  const entries = entriesOf(text);
  if (entries.length === 0) return null;
  let inputTokens = 0;
  let outputTokens = 0;
  let model = '';
  for (const entry of entries) {
    const found = read(entry);
    inputTokens += found.usage?.[0] ?? 0;
    outputTokens += found.usage?.[1] ?? 0;
    if (found.model && (keep === 'last' || model === '')) model = found.model;
  }
  return { inputTokens, outputTokens, model };
}

type TokenPair = readonly [input: number, output: number];

/** First of the named fields that holds a number, else 0. */
function tokens(usage: JsonObject, ...names: readonly string[]): number {
  for (const name of names) {
    const value = asNumber(usage[name]);
    if (value !== null) return value;
  }
  return 0;
}

function pair(value: unknown): TokenPair | null {
  const usage = asObject(value);
  if (usage === null) return null;
  return [
    tokens(usage, 'input_tokens', 'inputTokens', 'input', 'prompt_tokens'),
    tokens(usage, 'output_tokens', 'outputTokens', 'output', 'completion_tokens'),
  ];
}

/** Claude: the usage of assistant messages, without cached tokens; the first message's model (spec 01 §3.3, R9). */
export function claudeUsage(text: string): TranscriptUsage | null {
  return sum(
    text,
    (entry) => {
      if (entry.type !== 'assistant') return {};
      const message = asObject(entry.message);
      return { usage: pair(message?.usage), model: asText(message?.model) };
    },
    'first',
  );
}

/** Codex: its counts run on over the whole thread, so the last ones are the sum (real-agents.md §7). */
export function codexUsage(text: string): TranscriptUsage | null {
  const entries = entriesOf(text);
  if (entries.length === 0) return null;
  const completed = entries.findLast((entry) => entry.type === 'turn.completed');
  const [inputTokens, outputTokens] = pair(completed?.usage) ?? [0, 0];
  return { inputTokens, outputTokens, model: asText(entries.findLast((entry) => asText(entry.model))?.model) ?? '' };
}

/** Copilot: usage of the assistant, in either of its two forms; the last model named (spec 01 §3.5). */
export function copilotUsage(text: string): TranscriptUsage | null {
  return sum(
    text,
    (entry) => {
      const data = asObject(entry.data) ?? entry;
      const message = asObject(data.message);
      const counts =
        entry.type === 'assistant.usage' || entry.type === 'assistant_usage' || entry.type === 'message_end';
      const usage = asObject(data.usage) ?? asObject(message?.usage) ?? data;
      return { usage: counts ? pair(usage) : null, model: asText(data.model) ?? asText(message?.model) };
    },
    'last',
  );
}

/** Cursor tells its model only (spec 01 §3.5). */
export function cursorUsage(text: string): TranscriptUsage | null {
  return sum(
    text,
    (entry) => ({ model: entry.type === 'system' && entry.subtype === 'init' ? asText(entry.model) : null }),
    'last',
  );
}

/** Gemini: the statistics of each result (spec 01 §3.5). */
export function geminiUsage(text: string): TranscriptUsage | null {
  const announced = entriesOf(text).find((entry) => entry.type === 'init' && asText(entry.model) !== null);
  const found = sum(
    text,
    (entry) => ({ usage: entry.type === 'result' ? pair(entry.stats) : null, model: asText(entry.model) }),
    'first',
  );
  return found === null ? null : { ...found, model: asText(announced?.model) ?? found.model };
}

/** Pi: a message's usage with what was read from its cache, or the older `message_end` (spec 01 §3.5). */
export function piUsage(text: string): TranscriptUsage | null {
  return sum(
    text,
    (entry) => {
      if (entry.type === 'message_end') return { usage: pair(entry.usage) ?? pair(entry), model: asText(entry.model) };
      const message = asObject(entry.message);
      const usage = asObject(message?.usage);
      if (usage === null) return { model: asText(message?.model) };
      const read: TokenPair = [tokens(usage, 'input') + tokens(usage, 'cacheRead'), tokens(usage, 'output')];
      return { usage: read, model: asText(message?.model) };
    },
    'first',
  );
}

/** Sapling: whatever usage an entry carries (spec 01 §3.5). */
export function saplingUsage(text: string): TranscriptUsage | null {
  return sum(text, (entry) => ({ usage: pair(entry.usage), model: asText(entry.model) }), 'first');
}
