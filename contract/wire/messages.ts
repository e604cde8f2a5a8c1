import { z } from 'zod';
import { LIMITS } from '../limits.ts';

/** Names, reasons and the like inside control frames are short; a longer one is no honest peer. */
const Short = z.string().max(2_000);
const Count = z.number().int().nonnegative();

/** First frame of a client. */
export const HelloMessage = z.object({
  t: z.literal('hello'),
  protocol: z.number(),
  contract: Short,
  build: Short,
  token: Short.optional(),
});

/** Everything a client may say after the hello, as JSON text. `q` is birpc's request: method, then input and number of the call. */
export const ClientMessage = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('q'),
    i: z.string().min(1).max(64),
    m: Short,
    a: z.tuple([z.unknown(), Count]),
  }),
  z.object({ t: z.literal('cancel'), call: Count }),
  z.object({ t: z.literal('subscribe'), topic: Short, epoch: Short.optional(), seq: Count.optional() }),
  z.object({ t: z.literal('unsubscribe'), topic: Short }),
  /** Characters of text read since the welcome. */
  z.object({ t: z.literal('seen'), characters: Count }),
  z.object({ t: z.literal('bye'), reason: Short }),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

/** Answers to a hello. */
export const WelcomeMessage = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('welcome'),
    protocol: z.number(),
    epoch: Short,
    build: Short,
    serverTime: Short,
    scope: z.enum(['read', 'control', 'admin']),
  }),
  z.object({
    t: z.literal('refused'),
    tag: z.enum(['config', 'unauthorized', 'validation', 'timeout']),
    reason: Short,
  }),
  z.object({ t: z.literal('bye'), reason: Short }),
]);

/** Everything a server may say after the welcome, as JSON text. `s` is birpc's response: `r` is always a `Result`. */
export const ServerMessage = z.discriminatedUnion('t', [
  z.object({ t: z.literal('s'), i: z.string().max(64), r: z.unknown() }),
  z.object({ t: z.literal('snapshot'), topic: Short, seq: Count, state: z.unknown() }),
  /** Takes the topic from `base` to `seq`. */
  z.object({ t: z.literal('delta'), topic: Short, base: Count, seq: Count, delta: z.unknown() }),
  /** Nothing was missed. */
  z.object({ t: z.literal('current'), topic: Short, seq: Count }),
  z.object({ t: z.literal('end'), stream: Count, reason: Short }),
  /** A piece of a message that is larger than one frame; the last has `more: false`. */
  z.object({ t: z.literal('part'), more: z.boolean(), text: z.string().max(LIMITS.frameBytes) }),
  z.object({ t: z.literal('bye'), reason: Short }),
]);
export type ServerMessage = z.infer<typeof ServerMessage>;

/** Where something worth a log line goes; `data` is JSON-safe. */
export type WireLog = (level: 'warn' | 'error', message: string, data?: Readonly<Record<string, unknown>>) => void;

/** Parses JSON text, or gives undefined: no JSON text means undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller reports it as a bad frame; the parser's own words would quote the peer's bytes.
    return undefined;
  }
}

/** The last words of either side. Cut to a readable length, since a reason may quote what the peer sent. */
export function byeText(reason: string): string {
  return JSON.stringify({ t: 'bye', reason: reason.slice(0, 500) });
}
