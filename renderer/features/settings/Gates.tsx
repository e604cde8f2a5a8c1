import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ConfigValue, ConfigView } from '../../../contract/config.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { TextInput } from '../../components/Field.tsx';
import { Section } from '../../components/Section.tsx';
import { sameContent } from '../../stores/reuse.ts';
import styles from './Settings.module.css';
import { Origin } from './SettingsParts.tsx';
import { findSetting } from './settingsRules.ts';
import type { ConfigAccess } from './useConfig.ts';

const KEY = 'project.qualityGates';

interface Gate {
  readonly name: string;
  readonly command: string;
  readonly description: string;
}
const FIELDS = ['name', 'command', 'description'] as const;
const EMPTY: Gate = { name: '', command: '', description: '' };

function gatesOf(value: ConfigValue | undefined): readonly Gate[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return [];
    const read = (field: (typeof FIELDS)[number]): string => (typeof item[field] === 'string' ? item[field] : '');
    return [{ name: read('name'), command: read('command'), description: read('description') }];
  });
}

/** Commands that must pass before work counts as done; edited as a list and kept together. */
export function Gates({ view, config }: { readonly view: ConfigView; readonly config: ConfigAccess }) {
  const setting = findSetting(view, KEY);
  const [held, setHeld] = useState(() => gatesOf(setting?.value));
  const [edited, setEdited] = useState<readonly Gate[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    const now = gatesOf(setting?.value);
    setHeld((before) => (sameContent(before, now) ? before : now));
  }, [setting]);
  const gates = edited ?? held;
  const change = (index: number, part: Partial<Gate>) =>
    setEdited(gates.map((gate, at) => (at === index ? { ...gate, ...part } : gate)));
  const changed = edited !== null && !sameContent(edited, held);
  const keep = async () => {
    const refused = await config.write([{ key: KEY, value: gates.map((gate) => ({ ...gate })) }]);
    setError(refused?.message ?? null);
    if (refused === null) setEdited(null);
  };
  return (
    <Section
      title="Quality gates"
      text="Commands run in an agent's worktree before its work counts as done, and again before a merge. They come from the repository's own config: read them before you trust a foreign one."
      actions={<Origin setting={setting} />}
    >
      <ol className={styles.gates} aria-label="Quality gates">
        {gates.map((gate, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a gate has no identity but its place while it is edited.
          <li key={index} className={styles.gate}>
            {FIELDS.map((field) => (
              <TextInput
                key={field}
                aria-label={`${field} of gate ${index + 1}`}
                placeholder={field}
                className={field === 'command' ? styles.mono : undefined}
                value={gate[field]}
                onChange={(event) => change(index, { [field]: event.target.value })}
              />
            ))}
            <IconButton
              label={`Remove gate ${index + 1}`}
              onClick={() => setEdited(gates.filter((_, at) => at !== index))}
            >
              <X size={13} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ol>
      {gates.length === 0 ? <p className={styles.faint}>No gate: work counts as done when its agent says so.</p> : null}
      {error === null ? null : (
        <p role="alert" className={styles.error}>
          {error}
        </p>
      )}
      <div className={styles.buttons}>
        <Button small onClick={() => setEdited([...gates, EMPTY])}>
          Add a gate
        </Button>
        <span className={styles.gap} />
        {changed ? (
          <>
            <Button
              small
              tone="quiet"
              onClick={() => {
                setEdited(null);
                setError(null);
              }}
            >
              Take back
            </Button>
            <Button small tone="primary" onClick={() => void keep()}>
              Keep gates
            </Button>
          </>
        ) : null}
      </div>
    </Section>
  );
}
