import { FolderOpen, Network, Play } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { cx } from '../../components/cx.ts';
import styles from './Welcome.module.css';

const ICONS = { open: FolderOpen, coordinator: Network, demo: Play } as const;

/** One of the ways in: what happens behind it stands under its name. */
export function Door({
  kind,
  title,
  text,
  first = false,
  disabled = false,
  onOpen,
}: {
  readonly kind: keyof typeof ICONS;
  readonly title: string;
  readonly text: ReactNode;
  /** The one most people want. */
  readonly first?: boolean;
  readonly disabled?: boolean;
  onOpen(): void;
}) {
  const Icon = ICONS[kind];
  const id = useId();
  return (
    <button
      type="button"
      className={cx(styles.door, first && styles.first)}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      disabled={disabled}
      onClick={onOpen}
    >
      <Icon size={18} aria-hidden="true" className={styles.icon} />
      <span id={`${id}-title`} className={styles.doorTitle}>
        {title}
      </span>
      <span id={`${id}-text`} className={styles.doorText}>
        {text}
      </span>
    </button>
  );
}
