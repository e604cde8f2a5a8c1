import { useState } from 'react';
import { z } from 'zod';
import { OPERATOR } from '../../../contract/ids.ts';
import { LIMITS } from '../../../contract/limits.ts';
import { MAIL_PRIORITIES } from '../../../contract/mail.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Field, Select, TextArea, TextInput } from '../../components/Field.tsx';
import { counted } from '../../stores/format.ts';
import { useRoom } from '../../stores/hooks.ts';
import { useDraft } from '../../stores/useDraft.ts';
import { AddressField } from './AddressField.tsx';
import styles from './ComposeDialog.module.css';

/** Types a person writes; the protocol types are the agents' own. */
const TYPES = ['status', 'question', 'result', 'error'] as const;

const Words = z.object({
  address: z.string(),
  subject: z.string().max(LIMITS.subjectLength),
  body: z.string().max(LIMITS.bodyLength),
  type: z.enum(TYPES),
  priority: z.enum(MAIL_PRIORITIES),
});
type Words = z.infer<typeof Words>;

/** Writes a mail as the operator, to an agent or a group. Until it is sent or cancelled, its words are kept for this `to`. */
export function ComposeDialog({ to, close }: { readonly to: string; close(): void }) {
  const room = useRoom();
  const empty: Words = { address: to, subject: '', body: '', type: 'status', priority: 'normal' };
  const draft = useDraft('mail', to, Words, empty);
  const { address, subject, body, type, priority } = draft.value;
  const [error, setError] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const ready = address.trim() !== '' && subject.trim() !== '' && body.trim() !== '' && !sending;

  const send = async () => {
    if (!ready) return;
    setSending(true);
    const sent = await room.link.call('mail.send', {
      to: address.trim(),
      subject: subject.trim(),
      body,
      from: OPERATOR,
      type,
      priority,
    });
    setSending(false);
    if (!sent.ok) {
      // The dialogue stays, so that nothing that was written is lost.
      setError(sent.error.message);
      return;
    }
    draft.drop();
    close();
    room.notices.say('info', `Sent to ${counted(sent.value.recipients.length, 'recipient')}.`);
    for (const warning of sent.value.warnings) room.notices.say('info', warning);
  };

  return (
    <Dialog
      wide
      title="Write mail"
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
            Send
          </Button>
        </>
      }
    >
      <AddressField value={address} autoFocus={to === ''} onChange={(next) => draft.change({ address: next })} />
      <Field label="Subject">
        {(id) => (
          <TextInput
            id={id}
            autoFocus={to !== ''}
            maxLength={LIMITS.subjectLength}
            value={subject}
            onChange={(event) => draft.change({ subject: event.target.value })}
          />
        )}
      </Field>
      <Field label="Body" error={error}>
        {(id, describedBy) => (
          <TextArea
            id={id}
            aria-describedby={describedBy}
            rows={8}
            maxLength={LIMITS.bodyLength}
            value={body}
            onChange={(event) => draft.change({ body: event.target.value })}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send();
            }}
          />
        )}
      </Field>
      <div className={styles.pair}>
        <Field label="Type">
          {(id) => (
            <Select
              id={id}
              value={type}
              onChange={(event) =>
                draft.change({ type: TYPES.find((name) => name === event.target.value) ?? 'status' })
              }
            >
              {TYPES.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Priority">
          {(id, describedBy) => (
            <Select
              id={id}
              aria-describedby={describedBy}
              value={priority}
              onChange={(event) =>
                draft.change({ priority: MAIL_PRIORITIES.find((name) => name === event.target.value) ?? 'normal' })
              }
            >
              {MAIL_PRIORITIES.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          )}
        </Field>
      </div>
    </Dialog>
  );
}
