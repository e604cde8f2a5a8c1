import { Command } from 'cmdk';
import type { ReactNode } from 'react';
import styles from './CommandList.module.css';
import { matchCommand } from './commandMatch.ts';
import { Shortcut } from './Shortcut.tsx';

/** A searchable list of commands (wraps cmdk once). */
export function CommandList({
  label,
  placeholder,
  children,
}: {
  readonly label: string;
  readonly placeholder: string;
  readonly children: ReactNode;
}) {
  return (
    <Command
      label={label}
      loop
      className={styles.command}
      filter={(_id, typed, keywords) => matchCommand(typed, keywords ?? [])}
    >
      <Command.Input autoFocus placeholder={placeholder} className={styles.input} />
      <Command.List className={styles.list}>
        <Command.Empty className={styles.empty}>Nothing matches.</Command.Empty>
        {children}
      </Command.List>
    </Command>
  );
}

export function CommandGroup({ heading, children }: { readonly heading: string; readonly children: ReactNode }) {
  return (
    <Command.Group heading={heading} className={styles.group}>
      {children}
    </Command.Group>
  );
}

export function CommandItem({
  id,
  keywords,
  shortcut,
  children,
  onSelect,
}: {
  readonly id: string;
  readonly keywords: readonly string[];
  readonly shortcut?: string | undefined;
  readonly children: ReactNode;
  onSelect(): void;
}) {
  return (
    <Command.Item value={id} keywords={[...keywords]} className={styles.item} onSelect={onSelect}>
      <span className={styles.text}>{children}</span>
      {shortcut === undefined ? null : <Shortcut keys={shortcut} />}
    </Command.Item>
  );
}
