import type { ConfigFileName } from '../../../contract/config.ts';
import { ErrorState } from '../../components/ErrorState.tsx';
import { Loading } from '../../components/Loading.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { Line } from '../../components/Text.tsx';
import { useRoom, useUi } from '../../stores/hooks.ts';
import { useAnswer } from '../../stores/useAnswer.ts';
import { KeyBindings } from '../keys/KeyBindings.tsx';
import { AllSettings } from './AllSettings.tsx';
import { Appearance } from './Appearance.tsx';
import { CapSettings } from './CapSettings.tsx';
import { Gates } from './Gates.tsx';
import { Notifications } from './Notifications.tsx';
import { PART_TITLES, SETTINGS_PARTS, type SettingsPart } from './parts.ts';
import { Roles } from './Roles.tsx';
import { Runtimes } from './Runtimes.tsx';
import styles from './Settings.module.css';
import { TerminalSettings } from './TerminalSettings.tsx';
import { type ConfigAccess, useConfig } from './useConfig.ts';

/** Parts that are kept in the files of the project. */
const IN_FILES: ReadonlySet<SettingsPart> = new Set(['roles', 'gates', 'caps', 'notifications', 'all']);

const FILE_OPTIONS = [
  { value: 'project', label: 'config.yaml' },
  { value: 'local', label: 'config.local.yaml' },
] as const satisfies readonly { readonly value: ConfigFileName; readonly label: string }[];

function Parts() {
  const room = useRoom();
  const current = useUi((state) => state.settingsPart);
  return (
    <nav className={styles.nav} aria-label="Settings">
      {SETTINGS_PARTS.map((part) => (
        <button
          key={part}
          type="button"
          className={styles.part}
          aria-current={part === current ? 'page' : undefined}
          onClick={() => room.actions.run(`settings.${part}`, room)}
        >
          {PART_TITLES[part]}
        </button>
      ))}
    </nav>
  );
}

/** Which file changes go into, and what is wrong with the files. */
function Files({ config }: { readonly config: ConfigAccess }) {
  const problem = config.value?.problem ?? null;
  const warnings = config.value?.warnings ?? [];
  return (
    <div className={styles.files}>
      <span className={styles.faint}>Changes go into</span>
      <Segmented label="Changes go into" options={FILE_OPTIONS} value={config.file} onChange={config.setFile} />
      <span className={styles.faint}>
        {config.file === 'project'
          ? 'shared with everybody in the repository'
          : 'for this machine only; it wins over config.yaml'}
      </span>
      {problem === null ? null : (
        <p role="alert" className={styles.error}>
          <Line text={problem} /> The settings read before stay in force.
        </p>
      )}
      {warnings.map((warning) => (
        <p key={warning} className={styles.warning}>
          <Line text={warning} />
        </p>
      ))}
    </div>
  );
}

function Part({ part, config }: { readonly part: SettingsPart; readonly config: ConfigAccess }) {
  const runtimes = useAnswer('agents.runtimes', part === 'runtimes' || part === 'roles' ? { refresh: false } : null);
  const view = config.value;
  switch (part) {
    case 'keys':
      return <KeyBindings />;
    case 'appearance':
      return <Appearance />;
    case 'terminal':
      return <TerminalSettings />;
    case 'runtimes':
      return <Runtimes answer={runtimes} config={config} />;
    default:
  }
  if (view === null)
    return config.error === null ? (
      <Loading label="Loading settings" rows={8} />
    ) : (
      <ErrorState title="The settings cannot be read" message={config.error.message} onRetry={config.reload} />
    );
  switch (part) {
    case 'roles':
      return <Roles view={view} config={config} runtimes={runtimes.value?.runtimes ?? []} />;
    case 'gates':
      return <Gates view={view} config={config} />;
    case 'caps':
      return <CapSettings view={view} config={config} />;
    case 'notifications':
      return <Notifications view={view} config={config} />;
    case 'all':
      return <AllSettings view={view} config={config} />;
  }
}

/** Runtimes, what of the project's settings people change often, keys and looks of this machine, and every setting by name. */
export function SettingsScreen() {
  const part = useUi((state) => state.settingsPart);
  const config = useConfig();
  return (
    <div className={styles.screen}>
      <Parts />
      <div className={styles.content} key={part}>
        {IN_FILES.has(part) ? <Files config={config} /> : null}
        <Part part={part} config={config} />
      </div>
    </div>
  );
}
