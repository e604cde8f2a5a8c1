import { Command } from 'cmdk';
import { type ReactNode, useState } from 'react';
import styles from './CommandList.module.css';
import { type RankedGroup, rankCommands } from './commandMatch.ts';
import { Shortcut } from './Shortcut.tsx';

/** One command of a list, and what it is found by. */
export interface ListedCommand {
  /** No other command of the list has it. */
  readonly id: string;
  /** Its title first, then everything else it is found by. */
  readonly keywords: readonly string[];
  readonly shortcut?: string | undefined;
  readonly content: ReactNode;
  onSelect(): void;
}

/** Commands under a heading, in the order they have while nothing is typed. */
export type CommandGroup = RankedGroup<ListedCommand>;

/** A searchable list of commands (wraps cmdk once); the best match stands first and is the chosen one. */
export function CommandList({
  label,
  placeholder,
  groups,
  children,
}: {
  readonly label: string;
  readonly placeholder: string;
  readonly groups: readonly CommandGroup[];
  /** Shown in place of the commands, such as while they are on their way. */
  readonly children?: ReactNode;
}) {
  const [typed, setTyped] = useState('');
  return (
    // Its own filter sorts within a group, not the groups: then the first entry is not the best match.
    <Command label={label} loop className={styles.command} shouldFilter={false}>
      <Command.Input
        autoFocus
        placeholder={placeholder}
        className={styles.input}
        value={typed}
        onValueChange={setTyped}
      />
      <Command.List className={styles.list}>
        {children ?? (
          <>
            <Command.Empty className={styles.empty}>Nothing matches.</Command.Empty>
            {rankCommands(typed, groups).map(({ heading, commands }) => (
              <Command.Group key={heading} heading={heading} className={styles.group}>
                {commands.map(({ id, shortcut, content, onSelect }) => (
                  <Command.Item key={id} value={id} className={styles.item} onSelect={onSelect}>
                    <span className={styles.text}>{content}</span>
                    {shortcut === undefined ? null : <Shortcut keys={shortcut} />}
                  </Command.Item>
                ))}
              </Command.Group>
            ))}
          </>
        )}
      </Command.List>
    </Command>
  );
}
