import { type ReactNode, useId, useState } from 'react';
import { CONFIG_EFFECT_WORDS, type ConfigValue, type SettingView } from '../../../contract/config.ts';
import { TextInput } from '../../components/Field.tsx';
import styles from './Settings.module.css';
import { ORIGIN_WORDS } from './settingsRules.ts';

/** Where a setting comes from and from when on a change holds. */
export function Origin({ setting }: { readonly setting: SettingView | undefined }) {
  if (setting === undefined) return null;
  return (
    <span className={styles.origin} title={`A change holds ${CONFIG_EFFECT_WORDS[setting.effect]}`}>
      {ORIGIN_WORDS[setting.from]}
    </span>
  );
}

/** One setting in a line: name and what it does at the left, its control at the right, what is wrong under both. */
export function SettingLine({
  label,
  hint,
  setting,
  error = null,
  children,
}: {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly setting?: SettingView | undefined;
  readonly error?: string | null;
  children(id: string, describedBy: string): ReactNode;
}) {
  const id = useId();
  return (
    <div className={styles.line}>
      <div className={styles.words}>
        <label htmlFor={id}>{label}</label>
        <span id={`${id}-note`} className={styles.hint}>
          {hint}
        </span>
      </div>
      <div className={styles.control}>
        {children(id, `${id}-note`)}
        <Origin setting={setting} />
      </div>
      {error === null ? null : (
        <p role="alert" className={styles.error}>
          {error}
        </p>
      )}
    </div>
  );
}

/** Text that is kept when the person leaves the field or presses Enter; Escape takes back what was typed. */
export function KeptText({
  value,
  onKeep,
  ...rest
}: {
  readonly value: string;
  onKeep(text: string): void;
  readonly id?: string;
  readonly placeholder?: string;
  readonly 'aria-label'?: string;
  readonly 'aria-describedby'?: string;
  readonly className?: string | undefined;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const keep = () => {
    if (typed !== null && typed.trim() !== value) onKeep(typed.trim());
    setTyped(null);
  };
  return (
    <TextInput
      {...rest}
      value={typed ?? value}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep();
        else if (event.key === 'Escape' && typed !== null) {
          event.stopPropagation();
          setTyped(null);
        }
      }}
    />
  );
}

/** A number out of a setting; null when it holds none. */
export function numberOf(value: ConfigValue | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

/** Text out of a setting; empty when it holds none. */
export function textOf(value: ConfigValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
