import { Section } from '../../components/Section.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { Switch } from '../../components/Switch.tsx';
import { useRoom, useUi } from '../../stores/hooks.ts';
import { THEMES } from '../../stores/preferences.ts';
import styles from './Settings.module.css';

const THEME_OPTIONS = THEMES.map((value) => ({ value, label: value }));

/** How the room looks in this window; kept in this browser or app, not in the project. */
export function Appearance() {
  const { ui } = useRoom();
  const theme = useUi((state) => state.theme);
  const calm = useUi((state) => state.reducedMotion);
  const treeOpen = useUi((state) => state.treeOpen);
  return (
    <Section title="Appearance" text="Kept on this machine, for every project.">
      <div className={styles.line}>
        <div className={styles.words}>
          <span>Theme</span>
          <span className={styles.hint}>“system” follows light and dark of the machine.</span>
        </div>
        <div className={styles.control}>
          <Segmented
            label="Theme"
            options={THEME_OPTIONS}
            value={theme}
            onChange={(next) => ui.setState({ theme: next })}
          />
        </div>
      </div>
      <Switch
        label="Reduce motion"
        hint="Nothing moves or fades. The machine's own wish holds in any case."
        checked={calm}
        onChange={(reducedMotion) => ui.setState({ reducedMotion })}
      />
      <Switch
        label="Show the agent tree"
        hint="At the left of every screen."
        checked={treeOpen}
        onChange={(open) => ui.setState({ treeOpen: open })}
      />
    </Section>
  );
}
