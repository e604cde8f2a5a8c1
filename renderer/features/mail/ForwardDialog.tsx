import { useState } from 'react';
import { z } from 'zod';
import { OPERATOR } from '../../../contract/ids.ts';
import { LIMITS } from '../../../contract/limits.ts';
import type { MailMessage } from '../../../contract/mail.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Field, TextArea } from '../../components/Field.tsx';
import { useRoom } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import { useDraft } from '../../stores/useDraft.ts';
import { AddressField } from './AddressField.tsx';

const Words = z.object({ address: z.string(), note: z.string().max(LIMITS.bodyLength) });
const NO_WORDS = { address: '', note: '' };

/** Sends a copy of a mail to somebody else, with the operator's own words before it. */
export function ForwardDialog({ message, close }: { readonly message: MailMessage; close(): void }) {
  const room = useRoom();
  const draft = useDraft('forward', message.id, Words, NO_WORDS);
  const { address, note } = draft.value;
  const [error, setError] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const ready = address.trim() !== '' && !sending;

  const send = async () => {
    if (!ready) return;
    setSending(true);
    const to = address.trim();
    const sent = await room.link.call('mail.forward', { messageId: message.id, to, from: OPERATOR, note });
    setSending(false);
    if (!sent.ok) {
      // The dialogue stays, so that nothing that was written is lost.
      setError(sent.error.message);
      return;
    }
    draft.drop();
    close();
    room.notices.say('info', `Forwarded to ${to}.`);
    for (const warning of sent.value.warnings) room.notices.say('info', warning);
  };

  return (
    <Dialog
      title={`Forward "${showableLine(message.subject)}"`}
      onClose={close}
      onSubmit={() => void send()}
      actions={
        <>
          <Button
            onClick={() => {
              draft.drop();
              close();
            }}
          >
            Cancel
          </Button>
          <Button type="submit" tone="primary" disabled={!ready}>
            Forward
          </Button>
        </>
      }
    >
      <AddressField value={address} autoFocus onChange={(next) => draft.change({ address: next })} />
      <Field label="Note" error={error}>
        {(id, describedBy) => (
          <TextArea
            id={id}
            aria-describedby={describedBy}
            rows={3}
            maxLength={LIMITS.bodyLength}
            value={note}
            onChange={(event) => draft.change({ note: event.target.value })}
          />
        )}
      </Field>
    </Dialog>
  );
}
