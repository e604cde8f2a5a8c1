import { isMac, shortcutLabel } from '../actions/shortcutNames.ts';
import { useShortcut } from '../actions/useShortcut.ts';
import styles from './Shortcut.module.css';

/** Keys of a shortcut as a small key cap. */
export function Shortcut({ keys }: { readonly keys: string }) {
  return <kbd className={styles.key}>{shortcutLabel(keys, isMac())}</kbd>;
}

/** The keys an action has now; nothing when it has none. */
export function ActionShortcut({ action }: { readonly action: string }) {
  const keys = useShortcut(action);
  return keys === undefined ? null : <Shortcut keys={keys} />;
}
