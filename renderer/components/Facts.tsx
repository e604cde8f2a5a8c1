import type { ReactNode } from 'react';
import styles from './Facts.module.css';

/** Label and value pairs in two columns. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>;
}

export function Fact({
  label,
  children,
  mono = false,
}: {
  readonly label: string;
  readonly children: ReactNode;
  readonly mono?: boolean;
}) {
  return (
    <>
      <dt className={styles.label}>{label}</dt>
      <dd className={mono ? styles.mono : styles.value}>{children}</dd>
    </>
  );
}
