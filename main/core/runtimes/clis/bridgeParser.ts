import type { AgentEvent, TurnParser } from '../adapter.ts';
import { asNumber, asObject, asText, type JsonObject, parseObjectLine } from '../json.ts';
import { createStreamJsonParser } from '../streamJson.ts';

/**
 * Parser of what the bridge program prints: its own lines in claude's form, and a CLI's own JSON lines wrapped as
 * `{"type":"foreign","entry":{...}}`. Keeps nothing between lines, as every parser here.
 */
export function createBridgeParser(): TurnParser {
  const own = createStreamJsonParser();
  return {
    push(line) {
      const entry = parseObjectLine(line);
      if (entry?.type !== 'foreign') return own.push(line);
      const foreign = asObject(entry.entry);
      return foreign === null ? [] : foreignEvents(foreign);
    },
    end: () => own.end(),
  };
}

/**
 * Events of a CLI whose lines are only known by their rough shape (spec 01 §3.5 says "plain pass-through"): a type, a text,
 * a tool's name and its arguments under the names that are common. What is not recognised is kept as `other`.
 */
export function foreignEvents(entry: JsonObject): readonly AgentEvent[] {
  const type = asText(entry.type) ?? '';
  const part = asObject(entry.part) ?? entry;
  const model = asText(entry.model);
  switch (type) {
    case 'init':
    case 'system':
    case 'session':
    case 'session_start':
    case 'status':
    case 'ready':
      // Its conversation is not named: none of these can be resumed, and one that is named would be.
      return [{ type: 'status', sessionId: null, subtype: type, ...(model === null ? {} : { model }) }];
    case 'text':
    case 'message':
    case 'assistant':
    case 'assistant_message': {
      const text = asText(part.text) ?? asText(part.content) ?? asText(entry.message);
      return text === null ? [] : [{ type: 'assistant_message', text, ...(model === null ? {} : { model }) }];
    }
    case 'tool_use':
    case 'tool_start':
    case 'tool_call':
      return toolEvents(entry, part);
    case 'tool_result':
    case 'tool_end':
      return [toolResult(entry, part)];
    case 'error':
      return [
        { type: 'error', message: asText(entry.message) ?? asText(asObject(entry.error)?.message) ?? 'unknown error' },
      ];
    default:
      return type === '' ? [] : [{ type: 'other', name: type }];
  }
}

function callIdOf(entry: JsonObject, part: JsonObject): string {
  return (
    [entry.callId, entry.id, entry.toolUseId, entry.tool_use_id, part.callID, part.callId, part.id]
      .map(asText)
      .find((id) => id !== null) ?? ''
  );
}

function toolEvents(entry: JsonObject, part: JsonObject): readonly AgentEvent[] {
  const state = asObject(part.state);
  const name =
    [entry.name, entry.tool, entry.toolName, part.tool].map(asText).find((text) => text !== null) ?? 'unknown';
  const input = asObject(entry.input) ?? asObject(entry.args) ?? asObject(state?.input) ?? {};
  const call: AgentEvent = { type: 'tool_use', callId: callIdOf(entry, part), name, input };
  // One line for call and result, told when the tool has ended.
  return state?.status === 'completed' || state?.status === 'error' ? [call, toolResult(entry, part)] : [call];
}

function toolResult(entry: JsonObject, part: JsonObject): AgentEvent {
  const state = asObject(part.state);
  const content = [entry.content, entry.output, entry.result, state?.output, state?.error]
    .map(asText)
    .find((text) => text !== null);
  const failed = entry.isError === true || entry.success === false || state?.status === 'error';
  const code = asNumber(entry.exitCode);
  return {
    type: 'tool_result',
    toolUseId: callIdOf(entry, part),
    content: content ?? '',
    isError: failed || (code !== null && code !== 0),
  };
}
