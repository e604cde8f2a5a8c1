import { useState } from 'react';
import { z } from 'zod';
import { OPERATOR } from '../../../contract/ids.ts';
import { LIMITS } from '../../../contract/limits.ts';
import type { MailMessage } from '../../../contract/mail.ts';
import { callEngine } from '../../actions/calls.ts';
import { Button } from '../../components/Button.tsx';
import { TextArea } from '../../components/Field.tsx';
import { Shortcut } from '../../components/Shortcut.tsx';
import { useRoom } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import { useDraft } from '../../stores/useDraft.ts';
import styles from './MailScreen.module.css';

/** Whom a reply to this message reaches (spec 02 §1.4): its sender, or its recipient when the operator wrote it. */
export function replyRecipient(message: Pick<MailMessage, 'from' | 'to'>): string {
  return message.from === OPERATOR ? message.to : message.from;
}

const Words = z.object({ body: z.string().max(LIMITS.bodyLength) });
const NO_WORDS = { body: '' };

/** Answers a message from under its thread. Ctrl/Cmd+Enter sends; until then, and after a failed send, the words are kept. */
export function ReplyBox({ message }: { readonly message: MailMessage }) {
  const room = useRoom();
  const draft = useDraft('reply', message.threadId ?? message.id, Words, NO_WORDS);
  const { body } = draft.value;
  const [sending, setSending] = useState(false);
  const recipient = showableLine(replyRecipient(message));
  const send = async () => {
    if (body.trim() === '' || sending) return;
    setSending(true);
    const sent = await callEngine(room, 'mail.reply', { messageId: message.id, body, from: OPERATOR });
    setSending(false);
    if (sent.ok) draft.drop();
  };
  return (
    <form
      className={styles.reply}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <TextArea
        rows={2}
        id="mail-reply"
        aria-label={`Reply to ${recipient}`}
        placeholder={`Reply to ${recipient}`}
        maxLength={LIMITS.bodyLength}
        value={body}
        onChange={(event) => draft.change({ body: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send();
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <div className={styles.replyActions}>
        <Shortcut keys="Mod+Enter" />
        <Button live type="submit" disabled={body.trim() === '' || sending}>
          Send reply
        </Button>
      </div>
    </form>
  );
}
