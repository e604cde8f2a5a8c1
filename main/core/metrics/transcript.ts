import { asNumber, asObject, asText, parseObjectLine } from '../runtimes/json.ts';
import type { Tokens } from './pricing.ts';
import { addTokens, NO_TOKENS } from './turnMeter.ts';

/** What a conversation of claude used, by the file claude keeps of it. */
export interface TranscriptSum {
  readonly tokens: Tokens;
  /** Of the first answer; null when there is none. */
  readonly model: string | null;
}

/**
 * Sums a transcript (spec 03 §2.3): the usage of each answer, once for each message however many lines it has, with its last
 * figures. Other lines and broken ones count nothing; an empty file is all zeros.
 */
export function sumTranscript(text: string): TranscriptSum {
  const byMessage = new Map<string, Tokens>();
  let model: string | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const entry = parseObjectLine(line);
    if (entry?.type !== 'assistant') continue;
    const message = asObject(entry.message);
    model ??= asText(message?.model);
    const usage = asObject(message?.usage);
    if (usage === null) continue;
    // A message without an id is one of its own.
    byMessage.set(asText(message?.id) ?? `line ${index}`, {
      inputTokens: asNumber(usage.input_tokens) ?? 0,
      outputTokens: asNumber(usage.output_tokens) ?? 0,
      cacheReadTokens: asNumber(usage.cache_read_input_tokens) ?? 0,
      cacheCreationTokens: asNumber(usage.cache_creation_input_tokens) ?? 0,
    });
  }
  return { tokens: [...byMessage.values()].reduce(addTokens, NO_TOKENS), model };
}
