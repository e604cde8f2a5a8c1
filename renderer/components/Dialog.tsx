import { Dialog as Base } from '@base-ui/react/dialog';
import type { FormEvent, ReactNode } from 'react';
import { cx } from './cx.ts';
import styles from './Floating.module.css';
import { useReturnFocus } from './useReturnFocus.ts';

/**
 * A dialogue: traps focus, closes on Escape and on a click beside it, gives focus back. With `onSubmit` its content is a
 * form, sent by Enter in a field or by a submit button in `actions`.
 */
export function Dialog({
  title,
  text,
  children,
  actions,
  wide = false,
  onClose,
  onSubmit,
}: {
  readonly title: ReactNode;
  readonly text?: ReactNode;
  readonly children?: ReactNode;
  readonly actions: ReactNode;
  readonly wide?: boolean;
  onClose(): void;
  readonly onSubmit?: () => void;
}) {
  useReturnFocus();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit?.();
  };
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup className={cx(styles.dialog, wide && styles.wide)} finalFocus={false}>
          <form onSubmit={submit} style={{ display: 'contents' }}>
            <Base.Title className={styles.dialogTitle}>{title}</Base.Title>
            {text === undefined ? null : <Base.Description className={styles.dialogText}>{text}</Base.Description>}
            {children === undefined ? null : <div className={styles.dialogBody}>{children}</div>}
            <div className={styles.dialogActions}>{actions}</div>
          </form>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
