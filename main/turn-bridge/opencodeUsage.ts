import { execFile } from 'node:child_process';
import type { BridgeUsage } from './lines.ts';

/** What a turn used: tokens and US dollars (null: not known) of everything asked since `begun`, milliseconds since the epoch. */
export type UsageReader = (
  sessionId: string,
  begun: number,
) => Promise<{ readonly usage: BridgeUsage; readonly costUsd: number | null } | null>;

/** Milliseconds `opencode export` gets; without an answer the turn keeps what the protocol told. */
const EXPORT_WITHIN_MS = 30_000;
/** Bytes of a whole conversation with all that its tools printed. */
const LARGEST_EXPORT = 256 * 1024 * 1024;

interface Message {
  readonly info?: {
    readonly role?: unknown;
    readonly cost?: unknown;
    readonly time?: { readonly created?: unknown };
    readonly tokens?: {
      readonly input?: unknown;
      readonly output?: unknown;
      readonly reasoning?: unknown;
      readonly cache?: { readonly read?: unknown; readonly write?: unknown };
    };
  };
}

/**
 * OpenCode tells the protocol the tokens of a prompt's last request only, and money as a running total it does not repeat when
 * it resumes (seen with 1.18.33). Its own export of the conversation has every message with its tokens and its price.
 */
export const readOpencodeUsage: UsageReader = (sessionId, begun) =>
  new Promise((resolve) => {
    const options = { timeout: EXPORT_WITHIN_MS, killSignal: 'SIGKILL', maxBuffer: LARGEST_EXPORT } as const;
    execFile('opencode', ['export', sessionId], options, (error, stdout) => {
      // Only an account of the turn: it has done its work without it.
      resolve(error === null ? sumOfExport(stdout, begun) : null);
    });
  });

/** Pure part: the sum over the assistant's messages since `begun`; null when the text is no export. */
export function sumOfExport(text: string, begun: number): Awaited<ReturnType<UsageReader>> {
  let messages: readonly Message[];
  try {
    const parsed = JSON.parse(text.slice(Math.max(0, text.indexOf('{')))) as { readonly messages?: unknown };
    if (!Array.isArray(parsed.messages)) return null;
    messages = parsed.messages as readonly Message[];
  } catch {
    // Not what this version of us knows; the turn keeps what the protocol told.
    return null;
  }
  const mine = messages.flatMap(({ info }) =>
    info?.role === 'assistant' && count(info.time?.created) >= begun ? [info] : [],
  );
  const sum = (pick: (info: (typeof mine)[number]) => unknown): number =>
    mine.reduce((total, info) => total + count(pick(info)), 0);
  return {
    usage: {
      input_tokens: sum((info) => info.tokens?.input),
      output_tokens: sum((info) => info.tokens?.output) + sum((info) => info.tokens?.reasoning),
      cache_read_input_tokens: sum((info) => info.tokens?.cache?.read),
      cache_creation_input_tokens: sum((info) => info.tokens?.cache?.write),
    },
    // It writes 0 for a model whose price it does not know.
    costUsd: sum((info) => info.cost) || null,
  };
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
