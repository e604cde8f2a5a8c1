import { type DeliveryStep, type MailMessage, type MailTrace, type WakeRule, wakeWords } from '../../contract/mail.ts';

/** JSON shape of the reference (spec 02 §1.6): what is ours beside its row is left out. */
export function plainMail(message: MailMessage): Omit<MailMessage, 'delivery' | 'reference'> {
  const { delivery: _delivery, reference: _reference, ...rest } = message;
  return rest;
}

/** A message as text (spec 02 §1.6, human list format). */
export function mailLines(message: MailMessage): string[] {
  const priority = message.priority === 'normal' ? '' : ` [${message.priority}]`;
  return [
    `${message.read ? ' ' : '*'} ${message.id}  From: ${message.from} → To: ${message.to}${priority}`,
    `    ${message.subject} (${message.type})`,
    ...message.body.split(/\r?\n/).map((line) => `    ${line}`),
    ...(message.payload === null ? [] : [`    Payload: ${message.payload}`]),
    `    ${message.createdAt}`,
  ];
}

/** Where a mail is, in one line. */
export function deliveryLine({ delivery, reference }: MailMessage): string {
  if (delivery === null) return '    queued';
  const parts = [
    delivery.state === 'dead' ? 'dead letter' : delivery.state,
    ...(delivery.turnId === null ? [] : [`turn ${delivery.turnId}`]),
    ...(delivery.attempts > 1 ? [`attempt ${delivery.attempts}`] : []),
    ...(delivery.reason == null ? [] : [delivery.reason]),
    ...(delivery.bouncedTo == null || delivery.bouncedTo === 'nobody' ? [] : [`${delivery.bouncedTo} was told`]),
    ...(reference == null ? [] : [`${reference.kind} of ${reference.messageId}`]),
  ];
  return `    ${parts.join(' · ')}`;
}

function stepLine(step: DeliveryStep): string {
  const turn = step.turnId === null || step.state !== 'injected' ? '' : ` (${step.turnId})`;
  const detail = step.detail === null ? '' : `: ${step.detail}`;
  return `  ${step.at ?? 'time unknown            '}  ${step.state.padEnd(12)}  ${step.event}${turn}${detail}`;
}

/** A mail's whole way as text. */
export function traceLines({ message, steps, waitsFor, related }: MailTrace): string[] {
  return [
    ...mailLines(message).slice(0, 2),
    deliveryLine(message),
    ...steps.map(stepLine),
    ...(waitsFor === null ? [] : [`  waits for ${waitsFor}`]),
    ...related.map((one) => `  ${one.reference?.kind ?? 'thread'}  ${one.id}  ${one.from} → ${one.to}  ${one.subject}`),
  ];
}

const SOURCES: Readonly<Record<WakeRule['source'], string>> = {
  command: 'said by "ov mail wake"',
  agent: 'controlRoom.mail.wake.agents',
  role: 'controlRoom.mail.wake.roles',
  type: 'controlRoom.mail.wake.types',
  default: 'controlRoom.mail.wake.default',
};

/** What holds for mail to a reader, as text. */
export function wakeLines(agentName: string, rules: readonly WakeRule[]): string[] {
  return rules.map(
    ({ type, policy, source }) =>
      `${agentName}  ${(type ?? 'all mail').padEnd(14)}  ${wakeWords(policy)}  (${SOURCES[source]})`,
  );
}
