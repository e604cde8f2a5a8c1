import type { ReactNode } from 'react';

/** A named part that scrolls by itself, reached by Tab so that the arrow keys can scroll it too. */
export function Scroll({
  label,
  className,
  children,
}: {
  /** What is in it, for screen readers. */
  readonly label: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard.
    <section aria-label={label} tabIndex={0} className={className}>
      {children}
    </section>
  );
}
