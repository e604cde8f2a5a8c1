import { parseTimestamp } from '../../platform/clock.ts';
import type { EventStore } from '../events/eventStore.ts';
import { HISTORY, type Step, textKey, toolKey } from './repetition.ts';

/** What the event rows of one agent tell the watchdog. */
export interface Observed {
  /** Newest event the agent itself caused, milliseconds since the epoch; null when there is none. */
  lastAt: number | null;
  /** What it was, for a person. */
  lastLabel: string;
  /** Calls that have not ended, oldest first, by the runtime's id of the call. */
  readonly open: Map<
    string,
    { readonly name: string; readonly label: string; readonly at: number; readonly key: string }
  >;
  history: Step[];
  lastText: string | null;
}

/** Rows read at once; between two pages others get their turn. */
const PAGE = 500;
/** Rows a starting engine looks back: enough to know what is open and what repeats. */
const LOOK_BACK = 4_000;

/**
 * Follows events.db by row id: what agents did, whoever wrote the row (headless turns, hooks of interactive agents).
 * Rows that the watchdog or the engine wrote are no life of an agent (D-07).
 */
export class EventWatch {
  readonly #events: Pick<EventStore, 'after' | 'lastId'>;
  readonly #agents = new Map<string, Observed>();
  #lastId: number;
  #reading = false;

  constructor(events: Pick<EventStore, 'after' | 'lastId'>) {
    this.#events = events;
    this.#lastId = Math.max(0, events.lastId() - LOOK_BACK);
  }

  of(agentName: string): Observed {
    let observed = this.#agents.get(agentName);
    if (observed === undefined) {
      observed = { lastAt: null, lastLabel: '', open: new Map(), history: [], lastText: null };
      this.#agents.set(agentName, observed);
    }
    return observed;
  }

  /** Something new came about: what was done before is no repetition of it. */
  forgetHistory(agentName: string): void {
    this.of(agentName).history = [];
  }

  /** Reads what is new. @param awake milliseconds awake, the time the steps get. */
  async read(awake: number): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      for (;;) {
        const rows = this.#events.after(this.#lastId, PAGE);
        for (const row of rows) this.#take(row, awake);
        this.#lastId = rows.at(-1)?.id ?? this.#lastId;
        if (rows.length < PAGE) return;
        await new Promise((next) => setImmediate(next));
      }
    } finally {
      this.#reading = false;
    }
  }

  #take(row: ReturnType<EventStore['after']>[number], awake: number): void {
    const { eventType, data } = row;
    const observed = this.of(row.agentName);
    const at = parseTimestamp(row.createdAt);
    switch (eventType) {
      case 'turn_start':
      case 'turn_end':
        observed.open.clear();
        if (eventType === 'turn_start') this.#seen(observed, at, 'its turn began');
        return;
      case 'tool_start': {
        const name = row.toolName ?? 'tool';
        const label = labelOf(name, row.toolArgs);
        const id = field(data, 'callId') ?? name;
        observed.open.set(id, { name, label, at, key: row.toolArgs ?? '' });
        this.#seen(observed, at, label);
        return;
      }
      case 'tool_end': {
        const id = field(data, 'toolUseId') ?? row.toolName ?? 'tool';
        const call = observed.open.get(id);
        observed.open.delete(id);
        if (call !== undefined) {
          const key = toolKey(call.name, call.key, resultOf(data));
          push(observed, { kind: 'tool', key, label: call.label, at: awake });
        }
        this.#seen(observed, at, `${call?.label ?? row.toolName ?? 'tool'} ended`);
        return;
      }
      case 'progress': {
        const text = textOf(data);
        observed.lastText = text;
        if (text !== '')
          push(observed, { kind: 'text', key: textKey(text), label: `“${text.slice(0, 60)}”`, at: awake });
        this.#seen(observed, at, 'said something');
        return;
      }
      case 'result':
      case 'session_start':
      case 'session_end':
      case 'error':
        this.#seen(observed, at, eventType.replace('_', ' '));
        return;
      default:
        // Of the rest only what a runtime printed is life: announced retries and lines of no known kind.
        if (data?.startsWith('{"type":"retry"') === true) this.#seen(observed, at, 'announced a retry');
        else if (data?.startsWith('{"type":"other"') === true) this.#seen(observed, at, 'an event');
    }
  }

  #seen(observed: Observed, at: number, label: string): void {
    if (Number.isNaN(at)) return;
    observed.lastAt = Math.max(observed.lastAt ?? 0, at);
    observed.lastLabel = label;
  }
}

function push(observed: Observed, step: Step): void {
  observed.history.push(step);
  if (observed.history.length > HISTORY) observed.history.splice(0, observed.history.length - HISTORY);
}

/** A text field of a row's JSON, found without parsing all of it: results may be long, and rows are many. */
function field(data: string | null, name: string): string | null {
  return data === null ? null : (new RegExp(`"${name}":"([^"\\\\]*)"`).exec(data)?.[1] ?? null);
}

/** The beginning of a tool's answer, as it stands in the row. */
function resultOf(data: string | null): string {
  const at = data?.indexOf('"content":') ?? -1;
  return data === null || at < 0 ? '' : data.slice(at + 10, at + 1_610);
}

function textOf(data: string | null): string {
  if (data === null) return '';
  try {
    const value: unknown = JSON.parse(data);
    const text = (value as { readonly text?: unknown } | null)?.text;
    return typeof text === 'string' ? text : '';
  } catch {
    // Rows of other programs may hold anything.
    return '';
  }
}

/** `Bash npm test`: the tool and the first argument that says something. */
function labelOf(name: string, args: string | null): string {
  const value =
    args === null ? undefined : /"(?:command|file_path|path|pattern|url|query)":"((?:[^"\\]|\\.)*)"/.exec(args)?.[1];
  return value === undefined ? name : `${name} ${value.slice(0, 60)}`;
}
