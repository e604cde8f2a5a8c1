import type { MailMessage, MailType, SendMailInput } from '../../../contract/mail.ts';
import { gateOf, payloadProblem } from '../../../contract/mailPayloads.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';

/** Subjects that say nothing but that their sender is alive. */
const HEARTBEAT =
  /^\s*[[(]?\s*(heart-?\s?beat|keep-?\s?alive|(i'?m |i am )?(still )?alive|ping|liveness( check)?)\s*[\])]?\s*([:#(].*|\d*)[.!]*\s*$/i;

/**
 * Refuses what must not be sent: heartbeats, which are state and no mail (B2), payloads that are no JSON, and payloads that
 * contradict their type. `now` is milliseconds since the epoch.
 */
export function checkMail(input: Pick<SendMailInput, 'type' | 'subject' | 'payload'>, now: number): Result<null> {
  if (input.type === 'health_check' || (input.type === 'status' && HEARTBEAT.test(input.subject))) {
    return fail(
      'validation',
      'heartbeats are no mail: that an agent lives is seen from its turns ("ov why <agent>" shows it); send mail when there is something to say',
      { field: 'type' },
    );
  }
  if (input.payload === undefined) return ok(null);
  let value: unknown;
  try {
    value = JSON.parse(input.payload);
  } catch {
    // Exactly the question that was asked.
    return fail(
      'validation',
      'payload is not valid JSON: quote it for the shell, for example --payload \'{"taskId":"OV-1"}\'',
      { field: 'payload' },
    );
  }
  // The reference takes any JSON; what is no object has no fields that could be wrong, but a gate needs its options.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (input.type !== 'decision_gate') return ok(null);
    return fail('validation', 'the payload of a decision_gate must be an object such as {"options":["left","right"]}', {
      field: 'payload',
    });
  }
  const problem = payloadProblem(input.type, value as Record<string, unknown>);
  if (problem !== null)
    return fail('validation', `the payload does not fit ${input.type}: ${problem}`, { field: 'payload' });
  if (input.type === 'decision_gate') {
    const { deadline } = gateOf({ payload: input.payload });
    if (deadline !== null && Date.parse(deadline) <= now)
      return fail('validation', `the deadline ${deadline} is over already: give one to come, or leave it out`, {
        field: 'payload',
      });
  }
  return ok(null);
}

/** Types a copy keeps: what is asked or told of the new reader too. A report of somebody else's work becomes news. */
const KEPT_WHEN_FORWARDED: ReadonlySet<MailType> = new Set([
  'question',
  'decision_gate',
  'error',
  'escalation',
  'dispatch',
  'assign',
]);

/** The copy of a mail that is sent on, with a note of whoever does so. */
export function forwardOf(
  original: MailMessage,
  note: string,
): Pick<SendMailInput, 'subject' | 'body' | 'type'> & { readonly payload?: string } {
  const head = `Forwarded: ${original.id}, ${original.type} from ${original.from} to ${original.to}, sent ${original.createdAt}, subject "${original.subject}"`;
  const type = KEPT_WHEN_FORWARDED.has(original.type) ? original.type : 'status';
  return {
    subject: `Fwd: ${original.subject}`,
    body: [note, head, original.body].filter((part) => part !== '').join('\n\n'),
    type,
    ...(original.payload === null || checkKept(type, original.payload) !== null ? {} : { payload: original.payload }),
  };
}

/** A payload of an older program may be no JSON at all: its text is in the body's place then, never in the way. */
function checkKept(type: MailType, payload: string): string | null {
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === 'object' && value !== null ? payloadProblem(type, value as Record<string, unknown>) : null;
  } catch {
    // No JSON: it is left out, the original still has it.
    return 'it is not JSON';
  }
}
