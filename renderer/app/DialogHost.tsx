import { useStore } from 'zustand';
import { useRoom } from '../stores/hooks.ts';

/** Shows the dialogue that an action opened. */
export function DialogHost() {
  const { slots } = useRoom();
  const content = useStore(slots.dialog, (state) => state.content);
  return content === null ? null : content(() => slots.dialog.setState({ content: null }));
}
