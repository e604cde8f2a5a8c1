import { Tooltip as Base } from '@base-ui/react/tooltip';
import type { ReactElement } from 'react';
import styles from './Floating.module.css';
import { ActionShortcut, Shortcut } from './Shortcut.tsx';

/** Milliseconds the pointer rests before a tooltip shows. */
const DELAY_MS = 500;

/** Explains its one child on hover and focus. */
export function Tooltip({
  text,
  shortcut,
  action,
  children,
}: {
  readonly text: string;
  /** Keys of the place that nobody changes, such as `X`. */
  readonly shortcut?: string | undefined;
  /** Id of the action it runs, whose keys the person may have changed. */
  readonly action?: string | undefined;
  readonly children: ReactElement<Record<string, unknown>>;
}) {
  return (
    <Base.Root>
      <Base.Trigger delay={DELAY_MS} render={children} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} collisionPadding={8} className={styles.positioner}>
          <Base.Popup className={styles.tooltip}>
            {text}
            {shortcut === undefined ? null : <Shortcut keys={shortcut} />}
            {action === undefined ? null : <ActionShortcut action={action} />}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
