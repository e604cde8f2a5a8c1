import { ContextMenu as BaseContext } from '@base-ui/react/context-menu';
import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import { useStore } from 'zustand';
import { actionContext, isOffered } from '../actions/registry.ts';
import { useRoom } from '../stores/hooks.ts';
import styles from './Floating.module.css';
import { ActionShortcut } from './Shortcut.tsx';

/** A menu that opens from a button. Fill it with `ActionItem` and `MenuItem`. */
export function Menu({
  trigger,
  children,
}: {
  readonly trigger: ReactElement<Record<string, unknown>>;
  readonly children: ReactNode;
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="end" collisionPadding={8} className={styles.positioner}>
          <Base.Popup className={styles.popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** The same menu on a right click, or the context-menu key, on its one child. */
export function ContextMenu({
  target,
  children,
}: {
  readonly target: ReactElement<Record<string, unknown>>;
  readonly children: ReactNode;
}) {
  return (
    <BaseContext.Root>
      <BaseContext.Trigger render={target} />
      <BaseContext.Portal>
        <BaseContext.Positioner collisionPadding={8} className={styles.positioner}>
          <BaseContext.Popup className={styles.popup}>{children}</BaseContext.Popup>
        </BaseContext.Positioner>
      </BaseContext.Portal>
    </BaseContext.Root>
  );
}

/** One entry of a menu. */
export function MenuItem({
  children,
  disabled = false,
  onSelect,
}: {
  readonly children: ReactNode;
  readonly disabled?: boolean;
  onSelect(): void;
}) {
  return (
    <Base.Item className={styles.item} disabled={disabled} onClick={onSelect}>
      {children}
    </Base.Item>
  );
}

/** A registered action as a menu entry, for an agent or for the selected one; absent when it does not apply. */
export function ActionItem({ id, agent }: { readonly id: string; readonly agent?: string | null }) {
  const room = useRoom();
  const action = useStore(room.actions.store, ({ byId }) => byId.get(id));
  if (action === undefined) return null;
  const context = actionContext(room, agent);
  if (!isOffered(action, context)) return null;
  return (
    <MenuItem onSelect={() => room.actions.run(id, room, agent)}>
      {/* A menu of one agent need not repeat its name in every entry. */}
      {action.title(agent == null ? context : { ...context, agent: null })}
      <ActionShortcut action={id} />
    </MenuItem>
  );
}

export function MenuSeparator() {
  return <Base.Separator className={styles.separator} />;
}
