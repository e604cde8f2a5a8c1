import { z } from 'zod';
import { SHORT_TEXT } from './serverMessages.ts';

const Short = z.string().max(SHORT_TEXT);
const Count = z.number().int().nonnegative();

/** First frame of a client. */
export const HelloMessage = z.object({
  t: z.literal('hello'),
  protocol: z.number(),
  contract: Short,
  build: Short,
  token: Short.optional(),
  most: z.enum(['read', 'control', 'admin']).optional(),
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

/** Where something worth a log line goes; `data` is JSON-safe. */
export type WireLog = (level: 'warn' | 'error', message: string, data?: Readonly<Record<string, unknown>>) => void;
