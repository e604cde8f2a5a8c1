import { closeSync, openSync, readSync } from 'node:fs';
import type { RoomContract } from '../../contract/room.ts';
import type { ProcedureInput, ProcedureOutput } from '../../contract/wire/definition.ts';
import { MAIL_ID_BYTES, mailIdOf } from '../core/mail/mailIdText.ts';
import type { Invocation } from './command.ts';
import { succeed, warn } from './output.ts';

/** What `mail.send` is asked. */
export type SendRequest = ProcedureInput<RoomContract, 'mail.send'>;
/** What it answers. */
export type Sent = ProcedureOutput<RoomContract, 'mail.send'>;

let id: Promise<string> | null = null;

/** Id of the mail this call of `ov` sends, the same however often it is tried: a mail is stored once for each id. */
export function callMailId(): Promise<string> {
  id ??= randomBytes().then(mailIdOf);
  return id;
}

/** From the system's source where it is a file: a module for keys would take longer to load than the whole call. */
async function randomBytes(): Promise<Uint8Array> {
  const bytes = new Uint8Array(MAIL_ID_BYTES);
  try {
    const source = openSync('/dev/urandom', 'r');
    const count = readSync(source, bytes);
    closeSync(source);
    if (count === bytes.byteLength) return bytes;
  } catch {
    // Not on this system: the module below knows its source.
  }
  return (await import('node:crypto')).randomBytes(MAIL_ID_BYTES);
}

/** Ends `ov mail send` and `forward` (spec 02 §1.6). */
export function showSent(
  sent: Sent,
  to: string,
  invocation: Invocation,
  command: 'mail send' | 'mail forward' = 'mail send',
): void {
  const { messageIds, recipients, warnings, nudged = [] } = sent;
  for (const line of warnings) warn(line);
  const group = to.startsWith('@');
  const data = group ? { messageIds, recipientCount: recipients.length } : { id: messageIds[0] };
  const lines = group
    ? [
        `Broadcast sent to ${recipients.length === 1 ? '1 recipient' : `${recipients.length} recipients`} (${to})`,
        ...recipients.map((name) => `  → ${name}`),
      ]
    : [`Sent ${messageIds[0]} to ${to}`];
  const markers = nudged.map((name) => `Queued nudge for ${name} (delivered on next prompt)`);
  succeed(invocation, command, data, [...lines, ...markers]);
}
