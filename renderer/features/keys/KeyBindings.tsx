import { RotateCcw, X } from 'lucide-react';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { canonicalShortcut, isMac, shortcutLabel, shortcutOfPress } from '../../actions/shortcutNames.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { TextInput } from '../../components/Field.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { Shortcut } from '../../components/Shortcut.tsx';
import { useRoom, useUi } from '../../stores/hooks.ts';
import { type BindingRow, bindingRows, chooseKeys, groupRows, removeKeys, resetKeys } from './bindingRows.ts';
import styles from './KeyBindings.module.css';
import { PLACE_KEYS } from './placeKeys.ts';

/** Takes the next key press as the new shortcut. Escape leaves it as it was, Tab leaves too. */
function Recorder({ row, onDone }: { readonly row: BindingRow; onDone(problem: string | null): void }) {
  const room = useRoom();
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') return onDone(null);
    const pressed = shortcutOfPress({ ...pick(event), code: event.code }, isMac());
    if (pressed === null) return;
    const chosen = chooseKeys(room, row.action, pressed, isMac());
    onDone(chosen.ok ? null : chosen.error.message);
  };
  return (
    <div
      data-keys="record"
      className={styles.recorder}
      tabIndex={0}
      role="textbox"
      aria-label={`New keys of ${row.title}`}
      ref={(element) => element?.focus()}
      onKeyDown={onKey}
      onBlur={() => onDone(null)}
    >
      press the keys, Esc leaves
    </div>
  );
}

function pick({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent) {
  return { key, ctrlKey, metaKey, altKey, shiftKey };
}

function Binding({ row }: { readonly row: BindingRow }) {
  const room = useRoom();
  const [recording, setRecording] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const change = useRef<HTMLButtonElement>(null);
  const own = row.action.shortcut;
  const done = (said: string | null) => {
    setRecording(false);
    setProblem(said);
    // The recorder is gone; the keyboard goes back to the button that opened it.
    requestAnimationFrame(() => {
      if (document.activeElement === document.body || document.activeElement === null) change.current?.focus();
    });
  };
  return (
    <li className={styles.binding} aria-label={row.title}>
      <span className={styles.title}>{row.title}</span>
      {problem === null ? null : (
        <span className={styles.problem} role="alert">
          {problem}
        </span>
      )}
      <span className={styles.keys}>
        {recording ? (
          <Recorder row={row} onDone={done} />
        ) : row.shortcut === undefined ? (
          <span className={styles.none}>none</span>
        ) : (
          <Shortcut keys={row.shortcut} />
        )}
      </span>
      <span className={styles.actions}>
        <Button
          ref={change}
          small
          tone="quiet"
          aria-label={`Change the keys of ${row.title}`}
          onClick={() => {
            setProblem(null);
            setRecording(true);
          }}
        >
          Change
        </Button>
        <IconButton
          label={`Take the keys of ${row.title} away`}
          disabled={row.shortcut === undefined}
          onClick={() => {
            setProblem(null);
            removeKeys(room, row.action);
          }}
        >
          <X size={13} aria-hidden="true" />
        </IconButton>
        <IconButton
          label={
            own === undefined
              ? `Reset ${row.title}: no keys`
              : `Reset ${row.title} to ${shortcutLabel(canonicalShortcut(own), isMac())}`
          }
          disabled={!row.changed}
          onClick={() => {
            const reset = resetKeys(room, row.action, isMac());
            setProblem(reset.ok ? null : reset.error.message);
          }}
        >
          <RotateCcw size={13} aria-hidden="true" />
        </IconButton>
      </span>
    </li>
  );
}

function FixedKeys() {
  return (
    <div className={styles.places}>
      {PLACE_KEYS.map(({ place, keys }) => (
        <section key={place} className={styles.group} aria-label={`Fixed keys: ${place}`}>
          <h3 className={styles.heading}>{place}</h3>
          <dl>
            {keys.map(([names, does]) => (
              <div key={does} className={styles.fixed}>
                <dt>{does}</dt>
                <dd className={styles.caps}>
                  {names.map((name) => (
                    <Shortcut key={name} keys={name} />
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

/** Every shortcut by group, searchable, each changed by pressing its new keys; below them the keys that are fixed. */
export function KeyBindings() {
  const room = useRoom();
  const id = useId();
  const byId = useStore(room.actions.store, (state) => state.byId);
  const keys = useUi((state) => state.keys);
  const [typed, setTyped] = useState('');
  const [shown, setShown] = useState<'keys' | 'all'>('keys');
  const groups = groupRows(
    bindingRows(room, byId.values(), keys),
    typed,
    shown === 'keys' && typed.trim() === '',
    isMac(),
  );
  const changed = Object.keys(keys).length;
  return (
    <div className={styles.bindings}>
      <div className={styles.bar}>
        <TextInput
          id={id}
          type="search"
          aria-label="Find a command or its keys"
          placeholder="Find a command or its keys"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Segmented
          label="Commands shown"
          value={shown}
          onChange={setShown}
          options={[
            { value: 'keys', label: 'With keys' },
            { value: 'all', label: 'All' },
          ]}
        />
        <Button small disabled={changed === 0} onClick={() => room.ui.setState({ keys: {} })}>
          Reset all
        </Button>
      </div>
      {groups.length === 0 ? (
        <EmptyState title="No command matches" text="Search for a word of its title, or for keys such as Ctrl K." />
      ) : (
        groups.map(({ group, rows }) => (
          <section key={group} className={styles.group} aria-label={group}>
            <h3 className={styles.heading}>{group}</h3>
            <ul>
              {rows.map((row) => (
                <Binding key={row.action.id} row={row} />
              ))}
            </ul>
          </section>
        ))
      )}
      {typed.trim() === '' ? <FixedKeys /> : null}
    </div>
  );
}
