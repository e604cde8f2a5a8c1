import type { PromptResponse } from '@agentclientprotocol/sdk';
import type { BridgeUsage } from './lines.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What an answer tells of tokens: of this prompt alone, or of all prompts of the agent's process so far. */
export interface Told {
  readonly span: 'prompt' | 'process';
  readonly usage: BridgeUsage;
}

/**
 * Tokens as the answer of a prompt tells them: under `usage`, a running total that the protocol is about to take up, or as
 * Gemini does under `_meta.quota`, of this prompt. Null when it says nothing, as one that reached no model does.
 */
export function usageOf(answer: PromptResponse): Told | null {
  const fields = answer as unknown as Fields;
  const usage = objectOf(fields.usage);
  if (usage !== null) return { span: 'process', usage: standardUsage(usage) };
  const quota = objectOf(objectOf(objectOf(fields._meta)?.quota)?.token_count);
  if (quota === null) return null;
  return {
    span: 'prompt',
    usage: {
      input_tokens: count(quota.input_tokens),
      output_tokens: count(quota.output_tokens),
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
    },
  };
}

function standardUsage(usage: Fields): BridgeUsage {
  const input = count(usage.inputTokens);
  const output = count(usage.outputTokens);
  const read = count(usage.cachedReadTokens);
  const created = count(usage.cachedWriteTokens);
  // Some count what came from the cache as input too: then input and output alone make up the total.
  const inside = read + created > 0 && count(usage.totalTokens) === input + output;
  return {
    input_tokens: inside ? Math.max(0, input - read - created) : input,
    output_tokens: output,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: created,
  };
}

/** What was used with this answer too; `before` is null as long as nobody said anything. */
export function withAnswer(before: BridgeUsage | null, told: Told | null): BridgeUsage | null {
  if (told === null) return before;
  const { usage } = told;
  if (before === null || told.span === 'process') return usage;
  return {
    input_tokens: before.input_tokens + usage.input_tokens,
    output_tokens: before.output_tokens + usage.output_tokens,
    cache_read_input_tokens: before.cache_read_input_tokens + usage.cache_read_input_tokens,
    cache_creation_input_tokens: before.cache_creation_input_tokens + usage.cache_creation_input_tokens,
  };
}

function objectOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null ? (value as Fields) : null;
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
