import type { AgentEvent, TurnParser } from './adapter.ts';
import { asList, asNumber, asObject, asText, type JsonObject, parseObjectLine } from './json.ts';

/**
 * Parser of `codex exec --json` (real-agents.md §7). Keeps nothing between lines, for the reason given in streamJson.ts.
 * The usage of a result is cumulative over the whole thread, across resumes: whoever adds up turns must subtract.
 */
export function createCodexJsonParser(): TurnParser {
  return { push: parseLine, end: () => [] };
}

/** "Reconnecting... 2/5 (…)": an announcement of the next attempt, not an end. */
const RECONNECTING = /^Reconnecting\.\.\.\s+(\d+)\/(\d+)/;

function parseLine(line: string): readonly AgentEvent[] {
  const entry = parseObjectLine(line);
  if (entry === null) return [];
  switch (entry.type) {
    case 'thread.started':
      return [{ type: 'status', sessionId: asText(entry.thread_id), subtype: 'init' }];
    case 'turn.started':
      return [{ type: 'status', sessionId: null, subtype: 'turn_started' }];
    case 'item.started':
      return itemStarted(asObject(entry.item));
    case 'item.completed':
      return itemCompleted(asObject(entry.item));
    case 'turn.completed':
      return [resultEvent(entry, null)];
    case 'turn.failed':
      return [resultEvent(entry, asText(asObject(entry.error)?.message) ?? 'the turn failed without a reason')];
    case 'error':
      return [errorEvent(asText(entry.message) ?? 'unknown error')];
    default:
      return [];
  }
}

function itemStarted(item: JsonObject | null): readonly AgentEvent[] {
  return item?.type === 'command_execution' ? [commandStarted(item)] : [];
}

function itemCompleted(item: JsonObject | null): readonly AgentEvent[] {
  switch (item?.type) {
    case 'agent_message': {
      const text = asText(item.text);
      return text === null ? [] : [{ type: 'assistant_message', text }];
    }
    case 'command_execution':
      return [
        {
          type: 'tool_result',
          toolUseId: asText(item.id) ?? '',
          content: asText(item.aggregated_output) ?? '',
          isError: item.status === 'failed' || (asNumber(item.exit_code) ?? 0) !== 0,
        },
      ];
    case 'file_change':
      // Announced only when finished: the call and its result come from the same line.
      return fileChange(item);
    case 'error':
      return [errorEvent(asText(item.message) ?? 'unknown error')];
    default:
      return [];
  }
}

function commandStarted(item: JsonObject): AgentEvent {
  return {
    type: 'tool_use',
    callId: asText(item.id) ?? '',
    name: 'Bash',
    input: { command: asText(item.command) ?? '' },
  };
}

function fileChange(item: JsonObject): readonly AgentEvent[] {
  const callId = asText(item.id) ?? '';
  const changes = asList(item.changes)
    .map(asObject)
    .filter((change) => change !== null);
  const files = changes.map((change) => `${asText(change.kind) ?? 'change'} ${asText(change.path) ?? ''}`);
  return [
    { type: 'tool_use', callId, name: 'Edit', input: { file_path: asText(changes[0]?.path) ?? '', changes } },
    { type: 'tool_result', toolUseId: callId, content: files.join('\n'), isError: item.status === 'failed' },
  ];
}

function errorEvent(message: string): AgentEvent {
  const attempt = RECONNECTING.exec(message);
  if (attempt === null) return { type: 'error', message };
  return {
    type: 'retry',
    attempt: Number(attempt[1]),
    maxRetries: Number(attempt[2]),
    delayMs: 0,
    status: null,
    error: message,
  };
}

function resultEvent(entry: JsonObject, failure: string | null): AgentEvent {
  const usage = asObject(entry.usage);
  return {
    type: 'result',
    sessionId: null,
    result: failure ?? '',
    isError: failure !== null,
    durationMs: null,
    numTurns: null,
    costUsd: null,
    usage:
      usage === null
        ? null
        : {
            inputTokens: asNumber(usage.input_tokens) ?? 0,
            outputTokens: asNumber(usage.output_tokens) ?? 0,
            cacheReadTokens: asNumber(usage.cached_input_tokens) ?? 0,
            cacheCreationTokens: asNumber(usage.cache_write_input_tokens) ?? 0,
          },
    errors: failure === null ? [] : [failure],
    apiErrorStatus: null,
  };
}
