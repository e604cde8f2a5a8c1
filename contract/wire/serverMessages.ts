/**
 * What a server says, as JSON text, read by hand and not by schemas: a command line that asks one question must not wait
 * for a schema library to load.
 */
import { LIMITS } from '../limits.ts';
import type { Welcome } from './definition.ts';

/** Answers to a hello. */
export type WelcomeMessage =
  | ({ readonly t: 'welcome' } & Welcome)
  | { readonly t: 'refused'; readonly tag: RefusalTag; readonly reason: string }
  | { readonly t: 'bye'; readonly reason: string };

/** Everything a server may say after the welcome. `s` is birpc's response: `r` is always a `Result`. */
export type ServerMessage =
  | { readonly t: 's'; readonly i: string; readonly r: unknown }
  | { readonly t: 'snapshot'; readonly topic: string; readonly seq: number; readonly state: unknown }
  /** Takes the topic from `base` to `seq`. */
  | {
      readonly t: 'delta';
      readonly topic: string;
      readonly base: number;
      readonly seq: number;
      readonly delta: unknown;
    }
  /** Nothing was missed. */
  | { readonly t: 'current'; readonly topic: string; readonly seq: number }
  | { readonly t: 'end'; readonly stream: number; readonly reason: string }
  /** A piece of a message that is larger than one frame; the last has `more: false`. */
  | { readonly t: 'part'; readonly more: boolean; readonly text: string }
  | { readonly t: 'bye'; readonly reason: string };

const REFUSAL_TAGS = ['config', 'unauthorized', 'validation', 'timeout'] as const;
export type RefusalTag = (typeof REFUSAL_TAGS)[number];
const SCOPES = ['read', 'control', 'admin'] as const;

/** Characters. Names, reasons and the like inside control frames are short; a longer one is no honest peer. */
export const SHORT_TEXT = 2_000;
/** Characters of a call's number as birpc writes it. */
const CALL_ID = 64;

/** Reads the answer to a hello; null for anything else. */
export function readWelcome(value: unknown): WelcomeMessage | null {
  if (!isFields(value)) return null;
  const { t, protocol, epoch, build, serverTime, scope, tag, reason } = value;
  switch (t) {
    case 'welcome': {
      const earned = SCOPES.find((one) => one === scope);
      if (earned === undefined || typeof protocol !== 'number') return null;
      if (!isShort(epoch) || !isShort(build) || !isShort(serverTime)) return null;
      return { t, protocol, epoch, build, serverTime, scope: earned };
    }
    case 'refused': {
      const known = REFUSAL_TAGS.find((one) => one === tag);
      return known === undefined || !isShort(reason) ? null : { t, tag: known, reason };
    }
    case 'bye':
      return isShort(reason) ? { t, reason } : null;
    default:
      return null;
  }
}

/** Reads what a server says after its welcome; null for anything else. */
export function readServerMessage(value: unknown): ServerMessage | null {
  if (!isFields(value)) return null;
  const { t, i, r, topic, seq, base, state, delta, stream, reason, more, text } = value;
  switch (t) {
    case 's':
      return typeof i === 'string' && i.length <= CALL_ID ? { t, i, r } : null;
    case 'snapshot':
      return isShort(topic) && isCount(seq) ? { t, topic, seq, state } : null;
    case 'delta':
      return isShort(topic) && isCount(base) && isCount(seq) ? { t, topic, base, seq, delta } : null;
    case 'current':
      return isShort(topic) && isCount(seq) ? { t, topic, seq } : null;
    case 'end':
      return isCount(stream) && isShort(reason) ? { t, stream, reason } : null;
    case 'part':
      return typeof more === 'boolean' && typeof text === 'string' && text.length <= LIMITS.frameBytes
        ? { t, more, text }
        : null;
    case 'bye':
      return isShort(reason) ? { t, reason } : null;
    default:
      return null;
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= SHORT_TEXT;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
