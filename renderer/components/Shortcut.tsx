import { isMac, shortcutLabel } from '../actions/shortcuts.ts';
import styles from './Shortcut.module.css';

/** Keys of a shortcut as a small key cap. */
export function Shortcut({ keys }: { readonly keys: string }) {
  return <kbd className={styles.key}>{shortcutLabel(keys, isMac())}</kbd>;
}
