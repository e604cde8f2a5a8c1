import { useStore } from 'zustand';
import { useRoom, useUi } from '../stores/hooks.ts';
import { shortcutOf } from './keyBindings.ts';

/** The keys of an action as they are now, for a tooltip or a key cap; undefined when it has none. */
export function useShortcut(actionId: string): string | undefined {
  const { actions } = useRoom();
  const action = useStore(actions.store, ({ byId }) => byId.get(actionId));
  return useUi(({ keys }) => (action === undefined ? undefined : shortcutOf(action, keys)));
}
