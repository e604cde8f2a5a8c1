import { Dialog as Base } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import styles from './Floating.module.css';
import { useReturnFocus } from './useReturnFocus.ts';

/** A dialogue without title and buttons, for content that is a tool of its own such as the palette. */
export function BareDialog({
  label,
  full = false,
  children,
  onClose,
}: {
  readonly label: string;
  /** True for a tool that wants the whole window. */
  readonly full?: boolean;
  readonly children: ReactNode;
  onClose(): void;
}) {
  useReturnFocus();
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        {/* The keyboard is given back by the hook: the library would take it from a dialogue that opens in place of this one. */}
        <Base.Popup
          className={cx(styles.dialog, full ? styles.full : styles.wide)}
          aria-label={label}
          finalFocus={false}
        >
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
