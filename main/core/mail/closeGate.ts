import type { MailMessage } from '../../../contract/mail.ts';
import { gateRoot } from './gateRules.ts';
import type { MailStore } from './mailStore.ts';

/**
 * A gate or question has its answer: it, and the copies of it that asked others, call for nobody any more.
 * @returns the ids of the mails that changes.
 */
export function closeGate(
  mail: Pick<MailStore, 'acknowledge' | 'referringTo'>,
  asked: Pick<MailMessage, 'id' | 'reference'>,
): readonly string[] {
  const root = gateRoot(asked);
  const copies = mail.referringTo(root).filter(({ reference }) => reference?.kind === 'escalation');
  const ids = new Set([asked.id, root, ...copies.map(({ id }) => id)]);
  return [...ids].filter((id) => mail.acknowledge(id) !== null);
}
