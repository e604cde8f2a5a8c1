import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './Button.tsx';
import styles from './EmptyState.module.css';
import { Line } from './Text.tsx';

/** What a place says when its data could not be had: what is wrong, what to do, and the way to try again. */
export function ErrorState({
  title,
  message,
  children,
  onRetry,
}: {
  readonly title: string;
  /** The one clear line of the failure. */
  readonly message: string;
  /** Further buttons. */
  readonly children?: ReactNode;
  onRetry?(): void;
}) {
  return (
    <div className={styles.empty} role="alert">
      <TriangleAlert size={18} className={styles.failed} aria-hidden="true" />
      <h2 className={styles.title}>{title}</h2>
      <p className={styles.text}>
        <Line text={message} />
      </p>
      <div className={styles.actions}>
        {onRetry === undefined ? null : <Button onClick={onRetry}>Try again</Button>}
        {children}
      </div>
    </div>
  );
}
