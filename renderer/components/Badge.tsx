import type { ReactNode } from 'react';
import styles from './Badge.module.css';
import { cx } from './cx.ts';

/** `accent` only where a person is wanted. */
export type BadgeTone = 'plain' | 'info' | 'good' | 'warning' | 'danger' | 'accent';

/** A short word or number in a frame, beside what it says something about. Colour never stands alone: the word says it. */
export function Badge({
  tone = 'plain',
  mono = false,
  title,
  children,
}: {
  readonly tone?: BadgeTone;
  /** True for ids and code. */
  readonly mono?: boolean;
  readonly title?: string;
  readonly children: ReactNode;
}) {
  return (
    <span className={cx(styles.badge, styles[tone], mono && styles.mono)} title={title}>
      {children}
    </span>
  );
}
