import { useEffect, useMemo } from 'react';
import { OPERATOR } from '../../../contract/ids.ts';
import { callEngine } from '../../actions/calls.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Line } from '../../components/Text.tsx';
import { VirtualList } from '../../components/VirtualList.tsx';
import { counted } from '../../stores/format.ts';
import { useMail, useRoom, useUi } from '../../stores/hooks.ts';
import { threadSelector } from '../../stores/mailFolders.ts';
import { MailCard } from './MailCard.tsx';
import styles from './MailScreen.module.css';
import { ReplyBox } from './ReplyBox.tsx';

/** Marks what the operator has in front of them as read, once each. */
function useMarkRead(unreadIds: string): void {
  const room = useRoom();
  useEffect(() => {
    if (unreadIds === '' || document.hidden) return;
    for (const messageId of unreadIds.split('\n')) void callEngine(room, 'mail.markRead', { messageId });
  }, [room, unreadIds]);
}

/** One thread, oldest first, and the reply under it. */
export function ThreadView() {
  const threadId = useUi((state) => state.mailThread);
  const select = useMemo(threadSelector, []);
  const messages = useMail(({ byId }) => select(byId, threadId));
  useMarkRead(
    messages
      .filter((message) => message.to === OPERATOR && !message.read)
      .map((message) => message.id)
      .join('\n'),
  );
  const first = messages[0];
  const last = messages.findLast((message) => message.from !== OPERATOR) ?? messages.at(-1);
  if (first === undefined || last === undefined) {
    return <EmptyState title="No thread selected" text="Choose one on the left with the arrow keys or J and K." />;
  }
  return (
    <section className={styles.view} aria-label="Thread">
      <h2 className={styles.viewHead}>
        <Line text={first.subject} className={styles.viewSubject} title />
        <span className={styles.viewCount}>{counted(messages.length, 'mail')}</span>
      </h2>
      <VirtualList
        key={threadId}
        className={styles.grow}
        count={messages.length}
        rowHeight={150}
        stickToEnd
        keyOf={(index) => messages[index]?.id ?? String(index)}
        row={(index) => {
          const message = messages[index];
          return message === undefined ? null : <MailCard message={message} />;
        }}
      />
      <ReplyBox key={`reply-${threadId}`} message={last} />
    </section>
  );
}
