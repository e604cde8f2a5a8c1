import type { AgentEvent, RuntimeAdapter } from '../runtimes/adapter.ts';
import { asNumber, asObject, asText, type JsonObject, parseObjectLine } from '../runtimes/json.ts';
import { estimateCost, type PriceRule, type Tokens } from './pricing.ts';

/**
 * How a runtime counts (real-agents.md, sixth rule): `messages` is claude's way, usage per model message and money per
 * process; `thread` is codex', one figure over the whole conversation, across resumes; `results` adds up what the results say.
 */
export type MeterKind = 'messages' | 'thread' | 'results';

/** What one turn has used so far. */
export interface MeterReading {
  readonly tokens: Tokens;
  /** US dollars by the runtime's own count; null when it has said none. */
  readonly costUsd: number | null;
  /** Tokens the runtime's dollars do not cover: model messages after its last result, as of a process that was ended. */
  readonly uncovered: Tokens;
}

/** Reads the lines of one turn's log. The same lines give the same reading, however they are cut into stretches. */
export interface TurnMeter {
  push(line: string, events: readonly AgentEvent[]): void;
  /** Null while nothing was counted. */
  read(): MeterReading | null;
}

export const NO_TOKENS: Tokens = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheCreationTokens: 0 };

export function addTokens(one: Tokens, other: Tokens): Tokens {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
    cacheCreationTokens: one.cacheCreationTokens + other.cacheCreationTokens,
  };
}

/**
 * What a conversation used since an earlier reading of its running total. A total that went down was started anew, as after
 * a compaction: then all of it is new.
 */
export function sinceTotal(total: Tokens, before: Tokens): Tokens {
  const restarted =
    total.inputTokens < before.inputTokens ||
    total.outputTokens < before.outputTokens ||
    total.cacheReadTokens < before.cacheReadTokens ||
    total.cacheCreationTokens < before.cacheCreationTokens;
  if (restarted) return total;
  return {
    inputTokens: total.inputTokens - before.inputTokens,
    outputTokens: total.outputTokens - before.outputTokens,
    cacheReadTokens: total.cacheReadTokens - before.cacheReadTokens,
    cacheCreationTokens: total.cacheCreationTokens - before.cacheCreationTokens,
  };
}

/** The way a runtime counts, from what its adapter says of itself. */
export function meterKindOf(adapter: Pick<RuntimeAdapter, 'features' | 'countsMessages'>): MeterKind {
  if (adapter.features.usage === 'thread') return 'thread';
  return adapter.countsMessages === true ? 'messages' : 'results';
}

/** @param before what earlier turns of the same conversation used together; asked only by the kind `thread`. */
export function createTurnMeter(kind: MeterKind, before: () => Tokens): TurnMeter {
  switch (kind) {
    case 'messages':
      return messageMeter();
    case 'thread':
      return threadMeter(before);
    case 'results':
      return resultMeter();
  }
}

function messageMeter(): TurnMeter {
  /** Messages since the last result, by id: claude writes a line for each content block, and each repeats the usage (spec 03 §2.3). */
  const open = new Map<string, Tokens>();
  const covered = new Set<string>();
  let settled = NO_TOKENS;
  let costUsd: number | null = null;
  let counted = false;

  return {
    push(line) {
      // Parsing a second time is worth it only for the two kinds of lines that count anything.
      if (!line.includes('sage"')) return;
      const entry = parseObjectLine(line);
      if (entry?.type === 'assistant') {
        const message = asObject(entry.message);
        const id = asText(message?.id);
        const usage = asObject(message?.usage);
        if (id === null || usage === null || covered.has(id)) return;
        open.set(id, usageTokens(usage));
        counted = true;
      } else if (entry?.type === 'result') {
        const whole = processTokens(asObject(entry.modelUsage));
        const usage = asObject(entry.usage);
        // `modelUsage` is of the whole process, `usage` of this result alone (real-agents.md §4).
        if (whole !== null) settled = whole;
        else if (usage !== null) settled = addTokens(settled, usageTokens(usage));
        costUsd = asNumber(entry.total_cost_usd) ?? costUsd;
        for (const id of open.keys()) covered.add(id);
        open.clear();
        counted = true;
      }
    },
    read() {
      if (!counted) return null;
      const uncovered = [...open.values()].reduce(addTokens, NO_TOKENS);
      return { tokens: addTokens(settled, uncovered), costUsd, uncovered };
    },
  };
}

function usageTokens(usage: JsonObject): Tokens {
  return {
    inputTokens: asNumber(usage.input_tokens) ?? 0,
    outputTokens: asNumber(usage.output_tokens) ?? 0,
    cacheReadTokens: asNumber(usage.cache_read_input_tokens) ?? 0,
    cacheCreationTokens: asNumber(usage.cache_creation_input_tokens) ?? 0,
  };
}

/** Sum over the models of a process; null when none is named. */
function processTokens(models: JsonObject | null): Tokens | null {
  const rows = Object.values(models ?? {})
    .map(asObject)
    .filter((row) => row !== null);
  if (rows.length === 0) return null;
  return rows
    .map((row) => ({
      inputTokens: asNumber(row.inputTokens) ?? 0,
      outputTokens: asNumber(row.outputTokens) ?? 0,
      cacheReadTokens: asNumber(row.cacheReadInputTokens) ?? 0,
      cacheCreationTokens: asNumber(row.cacheCreationInputTokens) ?? 0,
    }))
    .reduce(addTokens, NO_TOKENS);
}

function threadMeter(before: () => Tokens): TurnMeter {
  let total: Tokens | null = null;
  return {
    push(_line, events) {
      for (const event of events) {
        if (event.type !== 'result' || event.usage === null) continue;
        // Its input counts what came from the cache as well; prices and the other runtimes keep the two apart.
        const fresh = event.usage.inputTokens - event.usage.cacheReadTokens;
        total = { ...event.usage, inputTokens: Math.max(0, fresh) };
      }
    },
    read() {
      if (total === null) return null;
      return { tokens: sinceTotal(total, before()), costUsd: null, uncovered: NO_TOKENS };
    },
  };
}

function resultMeter(): TurnMeter {
  let tokens = NO_TOKENS;
  let costUsd: number | null = null;
  let counted = false;
  return {
    push(_line, events) {
      for (const event of events) {
        if (event.type !== 'result') continue;
        if (event.usage !== null) tokens = addTokens(tokens, event.usage);
        costUsd = event.costUsd ?? costUsd;
        counted ||= event.usage !== null || event.costUsd !== null;
      }
    },
    read: () => (counted ? { tokens, costUsd, uncovered: NO_TOKENS } : null),
  };
}

/** Dollars of a turn and where they come from. */
export interface TurnBill {
  readonly costUsd: number | null;
  readonly costSource: 'runtime' | 'estimate' | null;
}

/**
 * Prices a reading: the runtime's own dollars where it has said some; tokens they do not cover by the table of spec 03 §2.2,
 * which makes the sum an estimate. A model the table does not know costs null, not 0, and leaves the runtime's own figure as it is.
 */
export function billTurn(reading: MeterReading | null, model: string | null, prices?: readonly PriceRule[]): TurnBill {
  if (reading === null) return { costUsd: null, costSource: null };
  const uncovered = reading.costUsd === null ? reading.tokens : reading.uncovered;
  const open = Object.values(uncovered).some((count) => count > 0);
  if (reading.costUsd !== null && !open) return { costUsd: reading.costUsd, costSource: 'runtime' };
  const estimate = estimateCost(model, uncovered, prices);
  if (estimate === null) return { costUsd: reading.costUsd, costSource: reading.costUsd === null ? null : 'runtime' };
  return { costUsd: (reading.costUsd ?? 0) + estimate, costSource: 'estimate' };
}
