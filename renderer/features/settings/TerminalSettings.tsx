import { NumberField } from '../../components/NumberField.tsx';
import { Section } from '../../components/Section.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { Switch } from '../../components/Switch.tsx';
import { useRoom, useUi } from '../../stores/hooks.ts';
import {
  CLIPBOARD_POLICIES,
  TERMINAL_FONT_SIZE,
  TERMINAL_FONTS,
  TERMINAL_SCROLLBACK,
} from '../../stores/preferences.ts';
import styles from './Settings.module.css';
import { SettingLine } from './SettingsParts.tsx';

const FONT_OPTIONS = TERMINAL_FONTS.map((value) => ({
  value,
  label: value === 'bundled' ? 'JetBrains Mono' : 'system',
}));
const CLIPBOARD_OPTIONS = CLIPBOARD_POLICIES.map((value) => ({ value, label: value }));

/** Terminals in this window; the preferences take effect in open terminals at once. */
export function TerminalSettings() {
  const { ui } = useRoom();
  const size = useUi((state) => state.terminalFontSize);
  const font = useUi((state) => state.terminalFont);
  const ligatures = useUi((state) => state.terminalLigatures);
  const scrollback = useUi((state) => state.terminalScrollback);
  const clipboard = useUi((state) => state.terminalClipboard);
  const warning = useUi((state) => state.terminalPasteWarning);
  const reader = useUi((state) => state.screenReaderTerminal);
  return (
    <Section title="Terminal" text="Kept on this machine, for every project.">
      <SettingLine label="Text size" hint="In points.">
        {(id, describedBy) => (
          <NumberField
            id={id}
            describedBy={describedBy}
            value={size}
            min={TERMINAL_FONT_SIZE.min}
            max={TERMINAL_FONT_SIZE.max}
            unit="pt"
            onChange={(next) => {
              if (next !== null) ui.setState({ terminalFontSize: next });
            }}
          />
        )}
      </SettingLine>
      <div className={styles.line}>
        <div className={styles.words}>
          <span>Typeface</span>
          <span className={styles.hint}>Both are of fixed width; the first is part of the app.</span>
        </div>
        <div className={styles.control}>
          <Segmented
            label="Typeface"
            options={FONT_OPTIONS}
            value={font}
            onChange={(terminalFont) => ui.setState({ terminalFont })}
          />
        </div>
      </div>
      <Switch
        label="Ligatures"
        hint="Draws arrows and comparisons in code as one sign."
        checked={ligatures}
        onChange={(terminalLigatures) => ui.setState({ terminalLigatures })}
      />
      <SettingLine label="Lines kept" hint="Above the screen of each open terminal; a thousand take about 1.5 MB.">
        {(id, describedBy) => (
          <NumberField
            id={id}
            describedBy={describedBy}
            value={scrollback}
            min={TERMINAL_SCROLLBACK.min}
            max={TERMINAL_SCROLLBACK.max}
            step={500}
            unit="lines"
            onChange={(next) => {
              if (next !== null) ui.setState({ terminalScrollback: Math.round(next) });
            }}
          />
        )}
      </SettingLine>
      <div className={styles.line}>
        <div className={styles.words}>
          <span>Programs may set the clipboard</span>
          <span className={styles.hint}>Reading it is never allowed.</span>
        </div>
        <div className={styles.control}>
          <Segmented
            label="Programs may set the clipboard"
            options={CLIPBOARD_OPTIONS}
            value={clipboard}
            onChange={(terminalClipboard) => ui.setState({ terminalClipboard })}
          />
        </div>
      </div>
      <Switch
        label="Ask before pasting several lines"
        hint="Shows what would run in a shell."
        checked={warning}
        onChange={(terminalPasteWarning) => ui.setState({ terminalPasteWarning })}
      />
      <Switch
        label="Screen-reader mode"
        hint="Terminals hand their text to screen readers; drawing is slower."
        checked={reader}
        onChange={(screenReaderTerminal) => ui.setState({ screenReaderTerminal })}
      />
    </Section>
  );
}
