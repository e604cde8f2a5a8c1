import { Button } from '../../components/Button.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { useRoom, useUi } from '../../stores/hooks.ts';
import { THEMES } from '../../stores/preferences.ts';
import { ControlParts } from './ControlParts.tsx';
import { DataParts } from './DataParts.tsx';
import { FloatingParts } from './FloatingParts.tsx';
import styles from './Gallery.module.css';
import { TokenParts } from './TokenParts.tsx';

const THEME_OPTIONS = THEMES.map((theme) => ({ value: theme, label: theme }));

/** Every component in every state, without data: what the visual tests look at, and where a component is tried by hand. */
export function Gallery() {
  const room = useRoom();
  const theme = useUi((state) => state.theme);
  return (
    <main className={styles.gallery} aria-label="Component gallery">
      <header className={styles.bar}>
        <h1>Component gallery</h1>
        <Segmented
          label="Theme"
          value={theme}
          options={THEME_OPTIONS}
          onChange={(next) => room.ui.setState({ theme: next })}
        />
        <Button small autoFocus onClick={() => room.ui.setState({ galleryOpen: false })}>
          Back to the room
        </Button>
      </header>
      <div className={styles.parts}>
        <TokenParts />
        <ControlParts />
        <DataParts />
        <FloatingParts />
      </div>
    </main>
  );
}
