import type { SessionUpdate, ToolCall, ToolCallContent, ToolCallUpdate } from '@agentclientprotocol/sdk';
import { lines } from './lines.ts';

/** Characters of joined words before they become one line of the log. */
const JOIN_CHARACTERS = 4_096;

/** The protocol's kinds of tools in the names that the rest of the product knows. */
const KINDS: Readonly<Record<string, string>> = {
  read: 'Read',
  edit: 'Edit',
  delete: 'Write',
  move: 'Write',
  search: 'Grep',
  execute: 'Bash',
  fetch: 'WebFetch',
};

/** A tool call as name and arguments of ours, for the timeline and for the guard. */
export function toolOf(call: Pick<ToolCallUpdate, 'title' | 'name' | 'kind' | 'rawInput' | 'locations'>): {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
} {
  const raw = typeof call.rawInput === 'object' && call.rawInput !== null ? { ...call.rawInput } : {};
  const input: Record<string, unknown> = { ...raw };
  const path = call.locations?.[0]?.path;
  if (path !== undefined) input.file_path ??= path;
  if (call.kind === 'execute') {
    if (Array.isArray(input.command)) input.command = input.command.join(' ');
    input.command ??= call.title ?? '';
  }
  return { name: KINDS[call.kind ?? ''] ?? call.name ?? call.title ?? 'tool', input };
}

/** Turns the updates of one prompt into lines; pieces of text are joined until something else comes. */
export class UpdateLines {
  readonly #write: (line: object) => void;
  readonly #calls = new Map<string, ToolCall | ToolCallUpdate>();
  readonly #announced = new Set<string>();
  #text = '';
  /** The last whole text of the agent, for the result. */
  lastText = '';
  /** US dollars of the conversation so far; null when nobody said. */
  costUsd: number | null = null;

  constructor(write: (line: object) => void) {
    this.#write = write;
  }

  push(update: SessionUpdate): void {
    switch (update.sessionUpdate) {
      case 'agent_message_chunk':
        if (update.content.type === 'text') this.#say(update.content.text);
        return;
      case 'tool_call':
      case 'tool_call_update':
        this.flush();
        this.#toolCall(update);
        return;
      case 'usage_update':
        if (update.cost?.currency === 'USD') this.costUsd = update.cost.amount;
        return;
      case 'notice':
        this.flush();
        this.#write(lines.text(`${update.title}${update.description ? `: ${update.description}` : ''}`));
        return;
      default:
        // Plans, thoughts, modes and commands say nothing that the room shows.
        return;
    }
  }

  /** Writes what was held back. */
  flush(): void {
    const text = this.#text.trim();
    this.#text = '';
    if (text === '') return;
    this.lastText = text;
    this.#write(lines.text(text));
  }

  #say(text: string): void {
    this.#text += text;
    if (this.#text.length >= JOIN_CHARACTERS) this.flush();
  }

  #toolCall(update: ToolCall | ToolCallUpdate): void {
    const known = this.#calls.get(update.toolCallId);
    const call = known === undefined ? update : merged(known, update);
    this.#calls.set(update.toolCallId, call);
    const over = call.status === 'completed' || call.status === 'failed';
    // A pending call's arguments may still be incomplete: it is told when it runs.
    if (!this.#announced.has(call.toolCallId) && call.status !== 'pending') {
      this.#announced.add(call.toolCallId);
      const { name, input } = toolOf(call);
      this.#write(lines.toolUse(call.toolCallId, name, input));
    }
    if (!over || known?.status === call.status) return;
    this.#write(lines.toolResult(call.toolCallId, outputOf(call), call.status === 'failed'));
  }
}

/** Only fields that were sent change. */
function merged(known: ToolCall | ToolCallUpdate, update: ToolCall | ToolCallUpdate): ToolCall | ToolCallUpdate {
  const sent = Object.entries(update).filter(([, value]) => value !== undefined && value !== null);
  return { ...known, ...Object.fromEntries(sent) };
}

function outputOf(call: ToolCall | ToolCallUpdate): string {
  const shown = (call.content ?? []).map(contentText).filter((text) => text !== '');
  if (shown.length > 0) return shown.join('\n');
  if (call.rawOutput === undefined || call.rawOutput === null) return '';
  return typeof call.rawOutput === 'string' ? call.rawOutput : JSON.stringify(call.rawOutput);
}

function contentText(content: ToolCallContent): string {
  switch (content.type) {
    case 'content':
      return content.content.type === 'text' ? content.content.text : `[${content.content.type}]`;
    case 'diff':
      return `changed ${content.path}`;
    case 'terminal':
      return '';
  }
}
