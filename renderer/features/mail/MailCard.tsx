import { memo, useState } from 'react';
import { OPERATOR } from '../../../contract/ids.ts';
import { gateOptions, type MailMessage } from '../../../contract/mail.ts';
import { answerOf } from '../../../contract/mailPayloads.ts';
import { callEngine } from '../../actions/calls.ts';
import { Button } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { Fact, Facts } from '../../components/Facts.tsx';
import { Glyph } from '../../components/Glyph.tsx';
import { Body, Line } from '../../components/Text.tsx';
import { clockTime } from '../../stores/format.ts';
import { useClock, useMail, useRoom, useTopic } from '../../stores/hooks.ts';
import { showableLine } from '../../stores/showable.ts';
import { DeliveryPath } from './DeliveryPath.tsx';
import styles from './MailCard.module.css';
import { MailTypeWord } from './MailType.tsx';
import { FILES_SHOWN, mailTone, payloadFacts } from './payloadFacts.ts';

const REFERENCE_WORDS = { forward: 'copy of', bounce: 'returns', escalation: 'asks again' } as const;

/** The options of a decision gate: buttons while it waits, plain words once it is answered. */
function GateOptions({ message }: { readonly message: MailMessage }) {
  const room = useRoom();
  const [sending, setSending] = useState(false);
  const waiting = useTopic(
    'attention',
    ({ byId }) => Object.values(byId).find((item) => item.mailId === message.id)?.id ?? null,
  );
  // A string, so that a mail elsewhere does not draw this card anew.
  const answered = useMail(({ byId }) => {
    const found = answerOf(message, Object.values(byId));
    return found === null ? null : `${found.from}: ${found.body.split('\n')[0] ?? ''}`;
  });
  const options = gateOptions(message);
  if (options.length === 0) return null;
  // A gate between agents is nobody's call, but a person may answer it all the same.
  const isOpen = answered === null && message.to !== OPERATOR && message.delivery?.state !== 'acknowledged';
  const answer = async (option: string) => {
    setSending(true);
    if (waiting !== null) await callEngine(room, 'attention.answer', { id: waiting, answer: option });
    else if (isOpen) await callEngine(room, 'mail.answer', { messageId: message.id, answer: option, from: OPERATOR });
    setSending(false);
  };
  return (
    <div className={styles.options} role="group" aria-label="Options">
      {options.map((option, index) => (
        <Button
          live
          // biome-ignore lint/suspicious/noArrayIndexKey: two options may read the same; their place tells them apart.
          key={index}
          disabled={(waiting === null && !isOpen) || sending}
          className={styles.option}
          onClick={() => void answer(option)}
        >
          <Line text={option} />
        </Button>
      ))}
      {waiting !== null || isOpen ? null : answered === null ? (
        <span className={styles.answered}>answered</span>
      ) : (
        <span className={styles.answered}>
          answered by <Line text={answered} title />
        </span>
      )}
    </div>
  );
}

function Files({ files }: { readonly files: readonly string[] }) {
  if (files.length === 0) return null;
  return (
    <ul className={styles.files} aria-label="Files">
      {files.slice(0, FILES_SHOWN).map((file, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a payload may name a file twice; its place tells them apart.
        <li key={index}>
          <Line text={file} title />
        </li>
      ))}
      {files.length > FILES_SHOWN ? <li className={styles.more}>and {files.length - FILES_SHOWN} more</li> : null}
    </ul>
  );
}

function Sent({ at }: { readonly at: string }) {
  const time = useClock((now) => clockTime(at, now));
  return (
    <time className={styles.time} dateTime={at} title={at}>
      {time}
    </time>
  );
}

/** One message as a card: who, what type, the words, what the type carries, and its way to the reader. */
export const MailCard = memo(function MailCard({ message }: { readonly message: MailMessage }) {
  const { facts, files, severity, raw } = payloadFacts(message);
  return (
    <article className={cx(styles.card, styles[mailTone(message)])} aria-label={showableLine(message.subject)}>
      <header className={styles.head}>
        <span className={styles.people}>
          <Line text={message.from} className={styles.from} title />
          <span className={styles.arrow}>
            <Glyph shape="to" words="to" />
          </span>
          <Line text={message.to} className={styles.to} title />
        </span>
        <MailTypeWord message={message} />
        {message.priority === 'normal' ? null : <span className={styles.priority}>{message.priority}</span>}
        {severity === null ? null : (
          <span className={styles.severity}>
            severity <Line text={severity} />
          </span>
        )}
        <span className={styles.gap} />
        <Sent at={message.createdAt} />
      </header>
      <h3 className={styles.subject}>
        <Line text={message.subject} />
      </h3>
      <Body text={message.body} className={styles.body} />
      {facts.length === 0 ? null : (
        <Facts>
          {facts.map((fact, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the order of the facts of one message never changes.
            <Fact key={index} label={fact.label} mono={fact.mono}>
              <Line text={fact.value} title />
            </Fact>
          ))}
        </Facts>
      )}
      <Files files={files} />
      {raw === null ? null : (
        <details className={styles.raw}>
          <summary>Payload as it was sent: {raw.problem}</summary>
          <Body text={raw.text} className={styles.rawText} />
        </details>
      )}
      {message.type === 'decision_gate' ? <GateOptions message={message} /> : null}
      <footer className={styles.foot}>
        <DeliveryPath message={message} />
        {message.reference == null ? null : (
          <span className={styles.reference}>
            {REFERENCE_WORDS[message.reference.kind]} <Line text={message.reference.messageId} />
          </span>
        )}
      </footer>
    </article>
  );
});
