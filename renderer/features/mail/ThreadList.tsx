import { type KeyboardEvent, memo } from 'react';
import { Age } from '../../components/Age.tsx';
import { Button } from '../../components/Button.tsx';
import { cx } from '../../components/cx.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Glyph } from '../../components/Glyph.tsx';
import { Line } from '../../components/Text.tsx';
import { VirtualList } from '../../components/VirtualList.tsx';
import { useLoaded, useMail, useRoom, useUi } from '../../stores/hooks.ts';
import { isDeadLetter, selectThreads, type ThreadRow } from '../../stores/mailFolders.ts';
import styles from './MailScreen.module.css';
import { MailTypeWord } from './MailType.tsx';

const threadRowId = (id: string) => `thread-${id}`;

const Thread = memo(function Thread({ thread }: { readonly thread: ThreadRow }) {
  const { ui } = useRoom();
  const newest = useMail(({ byId }) => byId[thread.newest]);
  const current = useUi((state) => state.mailThread === thread.id);
  if (newest === undefined) return null;
  return (
    <div
      id={threadRowId(thread.id)}
      role="option"
      aria-selected={current}
      className={cx(styles.thread, current && styles.currentThread, thread.unread > 0 && styles.unreadThread)}
      onClick={() => ui.setState({ mailThread: thread.id })}
    >
      <div className={styles.threadLine}>
        <span className={styles.threadPeople}>
          <Line text={newest.from} className={styles.threadFrom} title /> <Glyph shape="to" words="to" />{' '}
          <Line text={newest.to} title />
        </span>
        {thread.count > 1 ? <span className={styles.threadCount}>{thread.count}</span> : null}
        <Age at={thread.at} className={styles.threadAge} />
      </div>
      <Line text={newest.subject} className={styles.threadSubject} title />
      <div className={styles.threadLine}>
        <MailTypeWord message={newest} />
        {isDeadLetter(newest) ? <span className={styles.deadWord}>dead letter</span> : null}
        <Line text={newest.body.slice(0, 160)} className={styles.threadBody} />
      </div>
    </div>
  );
});

function emptyText(folder: string): string {
  if (folder === 'operator') return 'Agents write here when they need you or when something is finished.';
  if (folder === 'dead') return 'Mail that could not be handed to its reader would stand here, ready to be sent again.';
  return 'Nothing was written yet.';
}

/** Fetches the page before the oldest mail held; absent when there is none. */
function OlderMail() {
  const room = useRoom();
  const hasOlder = useMail((state) => state.hasOlder);
  const loading = useMail((state) => state.loading);
  if (!hasOlder) return null;
  const load = async () => {
    const problem = await room.mailbox.loadOlder();
    if (problem !== null) room.notices.say('error', problem);
  };
  return (
    <div className={styles.older}>
      <Button small disabled={loading} onClick={() => void load()}>
        {loading ? 'Loading…' : 'Load older mail'}
      </Button>
    </div>
  );
}

/** The threads of a folder, newest first: arrows or J/K walk, Enter goes to the thread. */
export function ThreadList() {
  const { ui } = useRoom();
  const folder = useUi((state) => state.mailFolder);
  const threads = useMail(({ byId }) => selectThreads(byId, folder));
  const selected = useUi((state) => state.mailThread);
  const loaded = useLoaded('mail');
  const current = threads.findIndex((thread) => thread.id === selected);
  const onKey = (event: KeyboardEvent) => {
    const goTo = (index: number) => {
      const target = threads[Math.max(0, Math.min(threads.length - 1, index))];
      if (target !== undefined) ui.setState({ mailThread: target.id });
    };
    if (event.key === 'ArrowDown' || event.key === 'j') goTo(current + 1);
    else if (event.key === 'ArrowUp' || event.key === 'k') goTo(current < 0 ? 0 : current - 1);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(threads.length - 1);
    else if (event.key === 'Enter' || event.key === 'r') document.getElementById('mail-reply')?.focus();
    else return;
    event.preventDefault();
  };
  if (loaded && threads.length === 0)
    return (
      <>
        <EmptyState title="No mail" text={emptyText(folder)} />
        <OlderMail />
      </>
    );
  return (
    <div
      className={styles.threads}
      role="listbox"
      aria-label="Threads"
      tabIndex={0}
      {...(current >= 0 && selected !== null ? { 'aria-activedescendant': threadRowId(selected) } : {})}
      onKeyDown={onKey}
    >
      <VirtualList
        // Another folder begins at its newest thread, wherever the last one was left.
        key={folder}
        className={styles.grow}
        count={threads.length}
        rowHeight={70}
        current={current}
        keyOf={(index) => threads[index]?.id ?? String(index)}
        row={(index) => {
          const thread = threads[index];
          return thread === undefined ? null : <Thread thread={thread} />;
        }}
      />
      <OlderMail />
    </div>
  );
}
