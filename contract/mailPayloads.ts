import { z } from 'zod';
import type { MailMessage, MailType } from './mail.ts';

const Text = z.string();
const Texts = z.array(z.string());
const Time = z.iso.datetime({ offset: true });

/**
 * Fields of each type's payload and what they have to be (spec 02 §1.2). All may be left out, since agents often put the
 * facts into the body instead; fields not named here are kept as they are.
 */
const FIELDS: Readonly<Partial<Record<MailType, Readonly<Record<string, z.ZodType>>>>> = {
  worker_done: { taskId: Text, branch: Text, exitCode: z.number(), filesModified: Texts },
  worker_died: {
    agentName: Text,
    capability: Text,
    taskId: Text,
    reason: Text,
    lastActivity: Text,
    terminatedBy: z.enum(['tier0', 'tier1', 'runner']),
  },
  merge_ready: { branch: Text, taskId: Text, agentName: Text, filesModified: Texts },
  merged: { branch: Text, taskId: Text, tier: z.enum(['clean-merge', 'auto-resolve', 'ai-resolve', 'reimagine']) },
  merge_failed: { branch: Text, taskId: Text, conflictFiles: Texts, errorMessage: Text },
  escalation: { severity: z.enum(['warning', 'error', 'critical']), taskId: Text.nullable(), context: Text },
  health_check: { agentName: Text, checkType: z.enum(['liveness', 'readiness']) },
  dispatch: {
    taskId: Text,
    specPath: Text,
    capability: Text,
    fileScope: Texts,
    skipScouts: z.boolean(),
    skipReview: z.boolean(),
    maxAgents: z.number(),
  },
  assign: { taskId: Text, specPath: Text, workerName: Text, branch: Text },
  decision_gate: {
    options: z.array(z.string().min(1)).min(1),
    context: Text,
    deadline: Time,
    default: Text,
    onDeadline: z.enum(['default', 'escalate']),
  },
};

/** What a field has to be, in words for whoever wrote it wrong. */
const WORDS: Readonly<Record<string, string>> = {
  exitCode: 'a number',
  maxAgents: 'a number',
  filesModified: 'a list of file names',
  conflictFiles: 'a list of file names',
  fileScope: 'a list of file names',
  options: 'a list of at least one text',
  deadline: 'a time such as 2026-11-23T16:00:00Z',
  severity: 'warning, error or critical',
  terminatedBy: 'tier0, tier1 or runner',
  tier: 'clean-merge, auto-resolve, ai-resolve or reimagine',
  checkType: 'liveness or readiness',
  onDeadline: 'default or escalate',
  skipScouts: 'true or false',
  skipReview: 'true or false',
};

/** A payload as a reader gets it: its known fields, those nobody knows, or the text when it cannot be read as its type. */
export type ReadPayload =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'typed';
      readonly fields: Readonly<Record<string, unknown>>;
      /** Fields the type does not know, kept as they were. */
      readonly extra: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'raw'; readonly text: string; readonly problem: string };

/** Reads a payload tolerantly: old, foreign and half-filled ones are typed, wrong ones raw. Never throws. */
export function readPayload(message: Pick<MailMessage, 'type' | 'payload'>): ReadPayload {
  const text = message.payload;
  if (text === null) return { kind: 'none' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Old mail may carry any text here: it is shown as it is.
    return { kind: 'raw', text, problem: 'it is not JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { kind: 'raw', text, problem: 'it is not an object' };
  const given = value as Record<string, unknown>;
  const problem = payloadProblem(message.type, given);
  if (problem !== null) return { kind: 'raw', text, problem };
  const known = FIELDS[message.type] ?? {};
  const fields: Record<string, unknown> = {};
  const extra: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(given)) {
    if (Object.hasOwn(known, name)) fields[name] = field;
    else extra[name] = field;
  }
  return { kind: 'typed', fields, extra };
}

/**
 * What is wrong with a payload of this type, as the end of a sentence; null when it is fine. Fields that are left out are
 * fine, and so are unknown ones.
 */
export function payloadProblem(type: MailType, given: Readonly<Record<string, unknown>>): string | null {
  const known = FIELDS[type] ?? {};
  for (const [name, shape] of Object.entries(known)) {
    if (!Object.hasOwn(given, name) || shape.safeParse(given[name]).success) continue;
    return `its field "${name}" must be ${WORDS[name] ?? 'a text'}`;
  }
  if (type !== 'decision_gate') return null;
  const { options, default: fallback, onDeadline } = given;
  if (fallback !== undefined && !(Array.isArray(options) && options.includes(fallback)))
    return 'its field "default" must be one of its options';
  if (onDeadline === 'default' && fallback === undefined)
    return 'its field "onDeadline" is "default", so "default" must name one of its options';
  return null;
}

/** What a decision gate asks, with everything that is missing or unreadable left empty. */
export interface Gate {
  readonly options: readonly string[];
  readonly context: string | null;
  /** ISO; null: it waits for as long as it takes. */
  readonly deadline: string | null;
  /** What is taken when the deadline passes unanswered; null: the superior is asked instead. */
  readonly fallback: string | null;
}

/** Reads a gate from a mail of any age; fields in a wrong shape count as left out. */
export function gateOf(message: Pick<MailMessage, 'payload'>): Gate {
  const read = readPayload({ type: 'status', payload: message.payload });
  const given = read.kind === 'typed' ? read.extra : {};
  const options = Array.isArray(given.options)
    ? given.options.filter((option): option is string => typeof option === 'string' && option !== '')
    : [];
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
  const fallback = text(given.default);
  return {
    options,
    context: text(given.context),
    deadline: Time.safeParse(given.deadline).success ? text(given.deadline) : null,
    fallback: given.onDeadline !== 'escalate' && fallback !== null && options.includes(fallback) ? fallback : null,
  };
}

/** The option an answer names: by its text in any case, or by its number from 1; null when it names none. */
export function chosenOption(options: readonly string[], answer: string): string | null {
  const words = answer.trim();
  const exact = options.find((option) => option === words);
  if (exact !== undefined) return exact;
  const folded = options.filter((option) => option.toLowerCase() === words.toLowerCase());
  if (folded.length === 1) return folded[0] ?? null;
  return /^\d+$/.test(words) ? (options[Number(words) - 1] ?? null) : null;
}

/** The mail that answered a gate or question: the first in its thread by somebody else than who asked, after it. */
export function answerOf(
  asked: Pick<MailMessage, 'id' | 'threadId' | 'from' | 'createdAt'>,
  thread: readonly MailMessage[],
): MailMessage | null {
  return (
    thread.find(
      (message) =>
        message.id !== asked.id &&
        message.threadId === (asked.threadId ?? asked.id) &&
        message.from !== asked.from &&
        message.reference?.kind !== 'escalation' &&
        message.reference?.kind !== 'bounce' &&
        message.createdAt >= asked.createdAt,
    ) ?? null
  );
}
