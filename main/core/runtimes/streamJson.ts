import type { AgentEvent, TokenUsage, TurnParser } from './adapter.ts';
import { asList, asNumber, asObject, asText, type JsonObject, parseObjectLine } from './json.ts';

/**
 * Parser of claude's `stream-json` output, which the rehearsal agent speaks too (spec 01 §3.3 "stream-json → AgentEvent",
 * extended by real-agents.md §4).
 *
 * It keeps nothing from one line to the next: the engine commits its place in the log line by line, so a parser made anew
 * in the middle of a turn must give exactly the remaining events. The reference's 500 ms joining of texts therefore
 * happens within one line only; claude writes one event for each content block, so nothing is split that was whole.
 */
export function createStreamJsonParser(): TurnParser {
  return { push: parseLine, end: () => [] };
}

function parseLine(line: string): readonly AgentEvent[] {
  const entry = parseObjectLine(line);
  if (entry === null) return [];
  switch (entry.type) {
    case 'system':
      return [systemEvent(entry)];
    case 'assistant':
      return assistantEvents(entry);
    case 'user':
      return toolResults(entry);
    case 'result':
      return [resultEvent(entry)];
    default:
      return [];
  }
}

function systemEvent(entry: JsonObject): AgentEvent {
  const subtype = asText(entry.subtype) ?? 'unknown';
  if (subtype === 'api_retry') {
    return {
      type: 'retry',
      attempt: asNumber(entry.attempt) ?? 0,
      maxRetries: asNumber(entry.max_retries) ?? 0,
      delayMs: Math.round(asNumber(entry.retry_delay_ms) ?? 0),
      status: asNumber(entry.error_status),
      error: asText(entry.error) ?? 'unknown',
    };
  }
  const model = asText(entry.model);
  return {
    type: 'status',
    sessionId: asText(entry.session_id),
    subtype,
    ...(model === null ? {} : { model }),
  };
}

/** Text blocks of one line are joined up to the next tool call; other blocks (thinking) say nothing and split nothing. */
function assistantEvents(entry: JsonObject): readonly AgentEvent[] {
  const message = asObject(entry.message);
  const model = asText(message?.model);
  const events: AgentEvent[] = [];
  let text = '';
  const flush = () => {
    if (text === '') return;
    events.push({ type: 'assistant_message', text, ...(model === null ? {} : { model }) });
    text = '';
  };
  for (const value of asList(message?.content)) {
    const block = asObject(value);
    if (block?.type === 'text') text += asText(block.text) ?? '';
    if (block?.type === 'tool_use') {
      flush();
      events.push({
        type: 'tool_use',
        callId: asText(block.id) ?? '',
        name: asText(block.name) ?? 'unknown',
        input: asObject(block.input) ?? {},
      });
    }
  }
  flush();
  return events;
}

function toolResults(entry: JsonObject): readonly AgentEvent[] {
  const events: AgentEvent[] = [];
  for (const value of asList(asObject(entry.message)?.content)) {
    const block = asObject(value);
    if (block?.type !== 'tool_result') continue;
    events.push({
      type: 'tool_result',
      toolUseId: asText(block.tool_use_id) ?? '',
      content: flattenContent(block.content),
      isError: block.is_error === true,
    });
  }
  return events;
}

/** A tool's output as text: a string, or blocks of which those that are not text are named in square brackets. */
function flattenContent(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts: string[] = [];
  for (const value of asList(content)) {
    if (typeof value === 'string') parts.push(value);
    const block = asObject(value);
    if (block === null) continue;
    if (block.type === 'text') parts.push(typeof block.text === 'string' ? block.text : '');
    else parts.push(`[${asText(block.type) ?? 'unknown content'}]`);
  }
  return parts.join('\n');
}

function resultEvent(entry: JsonObject): AgentEvent {
  const errors = asList(entry.errors).filter((error): error is string => typeof error === 'string');
  // `is_error` alone decides; only a writer that leaves it out is judged by its subtype (real-agents.md, first rule).
  const isError = typeof entry.is_error === 'boolean' ? entry.is_error : entry.subtype !== 'success';
  return {
    type: 'result',
    sessionId: asText(entry.session_id),
    result: asText(entry.result) ?? errors.join('\n'),
    isError,
    durationMs: asNumber(entry.duration_ms),
    numTurns: asNumber(entry.num_turns),
    costUsd: asNumber(entry.total_cost_usd),
    usage: tokenUsage(asObject(entry.usage)),
    errors,
    apiErrorStatus: asNumber(entry.api_error_status),
  };
}

function tokenUsage(usage: JsonObject | null): TokenUsage | null {
  if (usage === null) return null;
  return {
    inputTokens: asNumber(usage.input_tokens) ?? 0,
    outputTokens: asNumber(usage.output_tokens) ?? 0,
    cacheReadTokens: asNumber(usage.cache_read_input_tokens) ?? 0,
    cacheCreationTokens: asNumber(usage.cache_creation_input_tokens) ?? 0,
  };
}
