import { type ComponentPropsWithRef, type ReactNode, useContext } from 'react';
import { RoomContext } from '../stores/hooks.ts';
import styles from './Button.module.css';
import { cx } from './cx.ts';
import { Tooltip } from './Tooltip.tsx';

/** `primary` is amber and stands only where a person is wanted; `plain` is the rest; `quiet` has no frame until hovered. */
export type ButtonTone = 'primary' | 'plain' | 'quiet' | 'danger';

export interface ButtonProps extends ComponentPropsWithRef<'button'> {
  readonly tone?: ButtonTone;
  readonly small?: boolean;
  /** For what acts on the fleet of now: cannot be pressed while a replay is on screen, and says why. */
  readonly live?: boolean;
}

/** What a control that acts says while it cannot. */
export const REPLAY_REASON = 'This is a replay: go live to act.';

/** True while the past is on screen, where nothing acts. */
export function useInReplay(): boolean {
  const room = useContext(RoomContext);
  return room !== null && room.replay !== null;
}

export function Button({
  tone = 'plain',
  small = false,
  live = false,
  className,
  type = 'button',
  ...rest
}: ButtonProps) {
  const past = useInReplay() && live;
  const state = past ? { disabled: true, title: REPLAY_REASON } : {};
  return (
    <button
      {...rest}
      {...state}
      type={type}
      className={cx(styles.button, styles[tone], small && styles.small, className)}
    />
  );
}

/** A square button with an icon; the label is its name for screen readers and its tooltip. */
export function IconButton({
  label,
  shortcut,
  action,
  children,
  className,
  ...rest
}: Omit<ButtonProps, 'tone'> & {
  readonly label: string;
  readonly shortcut?: string | undefined;
  /** Id of the action it runs: its keys stand in the tooltip. */
  readonly action?: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    <Tooltip text={label} shortcut={shortcut} action={action}>
      <Button {...rest} tone="quiet" aria-label={label} className={cx(styles.icon, className)}>
        {children}
      </Button>
    </Tooltip>
  );
}
