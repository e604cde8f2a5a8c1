import { X } from 'lucide-react';
import { useStore } from 'zustand';
import { useRoom } from '../stores/hooks.ts';
import { cx } from './cx.ts';
import styles from './NoticeList.module.css';
import { Line } from './Text.tsx';

/** The short lines at the lower right that say what just happened. */
export function NoticeList() {
  const { notices } = useRoom();
  const items = useStore(notices.store, (state) => state.items);
  return (
    <section className={styles.list} aria-live="polite" aria-label="Notices">
      {items.map((item) => (
        <div
          key={item.id}
          className={cx(styles.notice, item.tone === 'error' && styles.error)}
          role={item.tone === 'error' ? 'alert' : undefined}
        >
          <Line text={item.text} />
          <button
            type="button"
            className={styles.close}
            aria-label="Dismiss notice"
            onClick={() => notices.dismiss(item.id)}
          >
            <X size={13} aria-hidden="true" />
          </button>
        </div>
      ))}
    </section>
  );
}
