import { Copy, Radio } from 'lucide-react';
import { useStore } from 'zustand';
import { Button } from '../../components/Button.tsx';
import { useRoom } from '../../stores/hooks.ts';
import type { LiveTerminal } from '../../terminal/liveTerminal.ts';
import { endBroadcast } from './broadcast.tsx';
import styles from './ModeBars.module.css';
import { useTabs } from './tabStore.ts';

/** Across the whole screen while keys go to several terminals: nobody should type without seeing that. */
export function BroadcastBar() {
  const room = useRoom();
  const count = useTabs((state) => state.broadcast?.size ?? 0);
  if (count === 0) return null;
  return (
    <div className={styles.broadcast} role="alert">
      <Radio size={14} aria-hidden="true" />
      <span>
        <strong>Broadcast</strong> · what you type goes to {count} terminals
      </span>
      <span className={styles.gap} />
      <Button small onClick={() => endBroadcast(room)}>
        End (Escape)
      </Button>
    </div>
  );
}

/** Over a terminal in copy mode: where the cursor is, and the keys. */
export function CopyBar({ live }: { readonly live: LiveTerminal }) {
  const status = useStore(live.copyStatus, (state) => state.on);
  if (status === null) return null;
  return (
    <div className={styles.copy}>
      <Copy size={13} aria-hidden="true" />
      <span role="status">
        <strong>Copy mode</strong>
        <span className="visually-hidden">: arrows move, v selects, Enter copies, Escape leaves</span>
      </span>
      <span className={styles.place}>
        line {status.line} of {status.lines}
        {status.selected === null ? '' : ` · ${status.selected} selected`}
      </span>
      <span className={styles.gap} />
      <span className={styles.keys} aria-hidden="true">
        <kbd>v</kbd> select <kbd>Enter</kbd> copy <kbd>Esc</kbd> leave
      </span>
    </div>
  );
}
