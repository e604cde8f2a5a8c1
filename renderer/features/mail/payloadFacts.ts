import { OPERATOR } from '../../../contract/ids.ts';
import { type MailMessage, type MailType, parsePayload } from '../../../contract/mail.ts';
import { readPayload } from '../../../contract/mailPayloads.ts';

/** What a card shows of a typed message besides subject and body. All values are untrusted text. */
export interface PayloadFacts {
  readonly facts: readonly { readonly label: string; readonly value: string; readonly mono: boolean }[];
  readonly files: readonly string[];
  readonly severity: string | null;
  /** The payload's text, and what is wrong with it, when it does not fit its type; null when it does. */
  readonly raw: { readonly text: string; readonly problem: string } | null;
}

/** Fields that are shown as label and value, in order, with the word on screen. */
const FACTS: readonly (readonly [field: string, label: string, mono: boolean])[] = [
  ['taskId', 'task', true],
  ['branch', 'branch', true],
  ['tier', 'merge tier', false],
  ['agentName', 'agent', false],
  ['workerName', 'agent', false],
  ['capability', 'role', false],
  ['specPath', 'spec', true],
  ['exitCode', 'exit code', false],
  ['reason', 'reason', false],
  ['errorMessage', 'error', false],
  ['context', 'context', false],
  ['deadline', 'deadline', false],
  ['default', 'default', false],
  ['checkType', 'check', false],
];
/** Fields that hold lists of files. */
const FILE_FIELDS = ['filesModified', 'conflictFiles', 'fileScope', 'files'] as const;
/** Files a card lists before it says how many more there are. */
export const FILES_SHOWN = 12;

function asText(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** Reads what can be shown out of a payload of any shape; one that does not fit its type is shown as it is, too. */
export function payloadFacts(message: Pick<MailMessage, 'type' | 'payload' | 'body'>): PayloadFacts {
  const payload = parsePayload(message);
  const read = readPayload(message);
  const raw = read.kind === 'raw' ? { text: read.text, problem: read.problem } : null;
  if (payload === null) return { facts: [], files: [], severity: null, raw };
  const facts = FACTS.flatMap(([field, label, mono]) => {
    const value = asText(payload[field]);
    // What the body says already is not said again: a gate repeats its question as its context.
    return value === null || (field === 'context' && message.body.includes(value)) ? [] : [{ label, value, mono }];
  });
  const files = FILE_FIELDS.flatMap((field) => {
    const list = payload[field];
    return Array.isArray(list) ? list.filter((file): file is string => typeof file === 'string') : [];
  });
  return { facts, files, severity: asText(payload.severity), raw };
}

/** How loudly a message speaks: `wanted` asks for a person, `bad` failed, `good` finished. */
export type MailTone = 'plain' | 'good' | 'bad' | 'wanted' | 'info';

/** Tone of a mail: only what is written to the operator wants a person. */
export function mailTone(message: Pick<MailMessage, 'type' | 'to'>): MailTone {
  const { tone } = MAIL_TYPE_LOOK[message.type];
  return tone === 'wanted' && message.to !== OPERATOR ? 'info' : tone;
}

/** Word and tone of a type of mail. */
export const MAIL_TYPE_LOOK: Readonly<Record<MailType, { readonly word: string; readonly tone: MailTone }>> = {
  status: { word: 'status', tone: 'plain' },
  question: { word: 'question', tone: 'wanted' },
  result: { word: 'result', tone: 'good' },
  error: { word: 'error', tone: 'bad' },
  worker_done: { word: 'worker done', tone: 'good' },
  worker_died: { word: 'worker died', tone: 'bad' },
  merge_ready: { word: 'merge ready', tone: 'info' },
  merged: { word: 'merged', tone: 'good' },
  merge_failed: { word: 'merge failed', tone: 'bad' },
  escalation: { word: 'escalation', tone: 'bad' },
  health_check: { word: 'health check', tone: 'plain' },
  dispatch: { word: 'dispatch', tone: 'info' },
  assign: { word: 'assign', tone: 'info' },
  decision_gate: { word: 'decision gate', tone: 'wanted' },
};
