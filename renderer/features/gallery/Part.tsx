import type { ReactNode } from 'react';
import { cx } from '../../components/cx.ts';
import { Section } from '../../components/Section.tsx';
import styles from './Gallery.module.css';

/** One component of the gallery in its states; pictures are taken of each by its title. */
export function Part({
  title,
  wide = false,
  children,
}: {
  readonly title: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <Section framed title={title} className={cx(wide && styles.wide)}>
      <div className={styles.stack}>{children}</div>
    </Section>
  );
}

/** Things side by side. */
export function Row({ children }: { readonly children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}
