import { useState } from 'react';
import { CAPABILITIES } from '../../../contract/agents.ts';
import type { ConfigView } from '../../../contract/config.ts';
import type { RuntimeView } from '../../../contract/runtimes.ts';
import { Select } from '../../components/Field.tsx';
import { Section } from '../../components/Section.tsx';
import styles from './Settings.module.css';
import { KeptText, Origin, SettingLine, textOf } from './SettingsParts.tsx';
import { findSetting, runtimeNames } from './settingsRules.ts';
import type { ConfigAccess } from './useConfig.ts';

/** The runtime everybody uses, and for each role another one or another model. */
export function Roles({
  view,
  config,
  runtimes,
}: {
  readonly view: ConfigView;
  readonly config: ConfigAccess;
  readonly runtimes: readonly RuntimeView[];
}) {
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const standard = findSetting(view, 'runtime.default');
  const names = runtimeNames(runtimes, [
    textOf(standard?.value),
    ...CAPABILITIES.map((role) => textOf(findSetting(view, `runtime.capabilities.${role}`)?.value)),
  ]);
  const put = async (key: string, value: string) => {
    const refused = await config.write([value === '' ? { key } : { key, value }]);
    setErrors(({ [key]: _before, ...others }) => (refused === null ? others : { ...others, [key]: refused.message }));
  };
  return (
    <Section
      title="Runtime and model of each role"
      text="Agents keep what they were slung with. A model is a name of its runtime, or provider/model with a provider of config.yaml."
    >
      <SettingLine
        label="Default runtime"
        hint="For every role that has none of its own."
        setting={standard}
        error={errors['runtime.default'] ?? null}
      >
        {(id, describedBy) => (
          <Select
            id={id}
            aria-describedby={describedBy}
            value={textOf(standard?.value)}
            onChange={(event) => void put('runtime.default', event.target.value)}
            options={names.map((value) => ({ value, label: value }))}
          />
        )}
      </SettingLine>
      <ul className={styles.roles} aria-label="Roles">
        {CAPABILITIES.map((role) => {
          const runtimeKey = `runtime.capabilities.${role}`;
          const modelKey = `models.${role}`;
          const runtime = findSetting(view, runtimeKey);
          const model = findSetting(view, modelKey);
          const error = errors[runtimeKey] ?? errors[modelKey] ?? null;
          return (
            <li key={role} className={styles.role}>
              <span className={styles.strong}>{role}</span>
              <Select
                aria-label={`Runtime of ${role}`}
                value={textOf(runtime?.value)}
                onChange={(event) => void put(runtimeKey, event.target.value)}
                options={[{ value: '', label: 'default' }, ...names.map((value) => ({ value, label: value }))]}
              />
              <KeptText
                aria-label={`Model of ${role}`}
                placeholder="built in"
                value={textOf(model?.value)}
                onKeep={(text) => void put(modelKey, text)}
              />
              <Origin setting={model?.from === 'local' ? model : (runtime ?? model)} />
              {error === null ? null : (
                <p role="alert" className={styles.error}>
                  {error}
                </p>
              )}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
