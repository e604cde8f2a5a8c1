import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import styles from './Tabs.module.css';

/** One tab: its identity, its words, and a count or mark after them. */
export interface TabItem<Id extends string> {
  readonly id: Id;
  readonly title: ReactNode;
  readonly extra?: ReactNode;
  readonly disabled?: boolean;
}

/**
 * A row of tabs over one panel. Arrow keys, Home and End move between tabs and show them at once; the panel of the chosen
 * tab is the only one that exists.
 */
export function Tabs<Id extends string>({
  label,
  tabs,
  value,
  onChange,
  end,
  children,
}: {
  /** Name of the row for screen readers. */
  readonly label: string;
  readonly tabs: readonly TabItem<Id>[];
  readonly value: NoInfer<Id>;
  onChange(id: NoInfer<Id>): void;
  /** What stands at the right end of the row. */
  readonly end?: ReactNode;
  /** Content of the chosen tab. */
  readonly children: ReactNode;
}) {
  return (
    <Base.Root
      className={styles.root}
      value={value}
      onValueChange={(next: unknown, { event }) => {
        // The focus that comes back, as from the palette, chooses nothing: only walking from tab to tab does.
        if (event instanceof FocusEvent && !isTab(event.relatedTarget)) return;
        const tab = tabs.find(({ id }) => id === next);
        if (tab !== undefined) onChange(tab.id);
      }}
    >
      <div className={styles.row}>
        <Base.List className={styles.list} aria-label={label} activateOnFocus>
          {tabs.map(({ id, title, extra, disabled = false }) => (
            <Base.Tab key={id} value={id} disabled={disabled} className={styles.tab}>
              {title}
              {extra === undefined ? null : <span className={styles.extra}>{extra}</span>}
            </Base.Tab>
          ))}
        </Base.List>
        {end === undefined ? null : <div className={styles.end}>{end}</div>}
      </div>
      <Base.Panel value={value} className={styles.panel}>
        {children}
      </Base.Panel>
    </Base.Root>
  );
}

function isTab(target: EventTarget | null): boolean {
  return target instanceof Element && target.getAttribute('role') === 'tab';
}
