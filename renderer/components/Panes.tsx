import type { ReactNode } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { useRoom } from '../stores/hooks.ts';
import styles from './Panes.module.css';

/** Panes side by side (or one above the other) whose sizes are kept between visits under `id`. */
export function Panes({
  id,
  orientation = 'horizontal',
  children,
}: {
  readonly id: string;
  readonly orientation?: 'horizontal' | 'vertical';
  readonly children: ReactNode;
}) {
  const { ui } = useRoom();
  const kept = ui.getState().layouts[id];
  return (
    <Group
      id={id}
      orientation={orientation}
      className={styles.group}
      {...(kept === undefined ? {} : { defaultLayout: kept })}
      onLayoutChanged={(layout, { isUserInteraction }) => {
        if (isUserInteraction) ui.setState(({ layouts }) => ({ layouts: { ...layouts, [id]: layout } }));
      }}
    >
      {children}
    </Group>
  );
}

export interface PaneProps {
  readonly id: string;
  /** Sizes in pixels (`240px`) or percent (`30%`). */
  readonly size?: string;
  readonly min?: string;
  readonly max?: string;
  readonly children: ReactNode;
}

export function Pane({ id, size, min, max, children }: PaneProps) {
  return (
    <Panel
      id={id}
      className={styles.pane}
      {...(size === undefined ? {} : { defaultSize: size, groupResizeBehavior: 'preserve-pixel-size' as const })}
      {...(min === undefined ? {} : { minSize: min })}
      {...(max === undefined ? {} : { maxSize: max })}
    >
      {children}
    </Panel>
  );
}

/** The 1 px line between two panes; drag it, or focus it and press the arrow keys. */
export function PaneLine({ label }: { readonly label: string }) {
  return <Separator className={styles.line} aria-label={label} />;
}
