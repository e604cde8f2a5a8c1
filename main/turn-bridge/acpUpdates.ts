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

type SentCall = Pick<ToolCallUpdate, 'title' | 'name' | 'kind' | 'rawInput' | 'locations' | 'content'>;

/** A tool call as name and arguments of ours, for the timeline and for the guard. */
export function toolOf(call: SentCall): {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
} {
  const raw = typeof call.rawInput === 'object' && call.rawInput !== null ? { ...call.rawInput } : {};
  const input: Record<string, unknown> = { ...raw };
  if (call.kind === 'execute') {
    if (Array.isArray(input.command)) input.command = input.command.join(' ');
    input.command ??= call.title ?? '';
  } else {
    const [path] = pathsOf(call);
    if (path !== undefined) input.file_path ??= path;
  }
  return { name: KINDS[call.kind ?? ''] ?? call.name ?? call.title ?? 'tool', input };
}

/** Fields agents name a file by in their tools' own arguments. */
const PATH_FIELDS = ['file_path', 'filePath', 'filepath', 'fileName', 'path'] as const;

/** Every file a call touches, as far as it says, each once: its locations, its diffs, and its own arguments. */
export function pathsOf(call: SentCall): readonly string[] {
  const raw = typeof call.rawInput === 'object' && call.rawInput !== null ? (call.rawInput as object) : {};
  const named = Object.entries(raw).flatMap(([field, value]) =>
    PATH_FIELDS.some((known) => known === field) && typeof value === 'string' ? [value] : [],
  );
  const changed = (call.content ?? []).flatMap((content) => (content.type === 'diff' ? [content.path] : []));
  return [...new Set([...(call.locations ?? []).map(({ path }) => path), ...changed, ...named])];
}

/** Turns the updates of one prompt into lines; pieces of text are joined until something else comes. */
export class UpdateLines {
  readonly #write: (line: object) => void;
  readonly #calls = new Map<string, ToolCall | ToolCallUpdate>();
  readonly #announced = new Set<string>();
  #text = '';
  readonly #over = new Set<string>();
  /** The last whole text of the agent, for the result. */
  lastText = '';
  /** The last piece of text as the agent sent it. */
  lastPiece = '';
  /** Updates of any kind so far. */
  count = 0;
  /** US dollars of the conversation so far; null when nobody said. */
  costUsd: number | null = null;

  constructor(write: (line: object) => void) {
    this.#write = write;
  }

  /** An update that shows nothing, such as a resumed conversation's history: only its running total of money counts. */
  skip(update: SessionUpdate): void {
    this.count += 1;
    if (update.sessionUpdate === 'usage_update' && update.cost?.currency === 'USD') this.costUsd = update.cost.amount;
  }

  push(update: SessionUpdate): void {
    this.count += 1;
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

  /** A call the guard let pass: it runs now, whatever the agent says of it later. */
  allowed(call: ToolCallUpdate): void {
    this.flush();
    this.#announce(this.#known(call));
  }

  /** A call the guard refused; agents tell the model no reason, and some tell us nothing at all. */
  refused(call: ToolCallUpdate, reason: string): void {
    this.allowed(call);
    if (this.#over.has(call.toolCallId)) return;
    this.#over.add(call.toolCallId);
    this.#write(lines.toolResult(call.toolCallId, `[guard] refused: ${reason}`, true));
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
    this.lastPiece = text;
    this.#text += text;
    if (this.#text.length >= JOIN_CHARACTERS) this.flush();
  }

  #toolCall(update: ToolCall | ToolCallUpdate): void {
    const call = this.#known(update);
    // A pending call's arguments may still be incomplete: it is told when it runs.
    if (call.status !== 'pending') this.#announce(call);
    if ((call.status !== 'completed' && call.status !== 'failed') || this.#over.has(call.toolCallId)) return;
    this.#over.add(call.toolCallId);
    this.#write(lines.toolResult(call.toolCallId, outputOf(call), call.status === 'failed'));
  }

  /** All that is known of a call, with what this update adds. */
  #known(update: ToolCall | ToolCallUpdate): ToolCall | ToolCallUpdate {
    const before = this.#calls.get(update.toolCallId);
    const call = before === undefined ? update : merged(before, update);
    this.#calls.set(update.toolCallId, call);
    return call;
  }

  #announce(call: ToolCall | ToolCallUpdate): void {
    if (this.#announced.has(call.toolCallId)) return;
    this.#announced.add(call.toolCallId);
    const { name, input } = toolOf(call);
    this.#write(lines.toolUse(call.toolCallId, name, input));
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
