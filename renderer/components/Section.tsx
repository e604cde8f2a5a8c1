import { type ReactNode, useId } from 'react';
import { cx } from './cx.ts';
import styles from './Section.module.css';

/** A titled part of a screen or panel: quiet heading, what it is about at the right, content under it. */
export function Section({
  title,
  count,
  text,
  actions,
  framed = false,
  className,
  children,
}: {
  readonly title: string;
  /** How many there are, behind the title. */
  readonly count?: ReactNode;
  /** A line under the title: what this part is for. */
  readonly text?: ReactNode;
  /** Buttons at the right end of the heading. */
  readonly actions?: ReactNode;
  /** True for a panel with its own surface and line, where parts stand side by side. */
  readonly framed?: boolean;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={cx(styles.section, framed && styles.framed, className)} aria-labelledby={id}>
      <div className={styles.heading}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        {count === undefined ? null : <span className={styles.count}>{count}</span>}
        {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
      </div>
      {text === undefined ? null : <p className={styles.text}>{text}</p>}
      <div className={styles.body}>{children}</div>
    </section>
  );
}
