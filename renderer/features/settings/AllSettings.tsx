import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { CONFIG_EFFECT_WORDS, type ConfigView, type SettingView } from '../../../contract/config.ts';
import { openDialog } from '../../actions/roomActions.tsx';
import { Button } from '../../components/Button.tsx';
import { type DataColumn, type DataSort, DataTable } from '../../components/DataTable.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Field, TextInput } from '../../components/Field.tsx';
import { Section } from '../../components/Section.tsx';
import { Line } from '../../components/Text.tsx';
import { useRoom } from '../../stores/hooks.ts';
import styles from './Settings.module.css';
import { ORIGIN_WORDS, typedValue, valueText } from './settingsRules.ts';
import type { ConfigAccess } from './useConfig.ts';

const COLUMNS: readonly DataColumn<SettingView>[] = [
  {
    id: 'key',
    title: 'setting',
    width: 'minmax(150px, 1.4fr)',
    mono: true,
    cell: (setting) => <Line text={setting.key} title />,
    compare: (one, other) => one.key.localeCompare(other.key),
  },
  {
    id: 'value',
    title: 'value',
    width: 'minmax(90px, 1.2fr)',
    mono: true,
    cell: (setting) =>
      setting.value === null ? <span className={styles.faint}>–</span> : <Line text={valueText(setting.value)} title />,
  },
  {
    id: 'from',
    title: 'from',
    width: '118px',
    quiet: true,
    cell: (setting) => ORIGIN_WORDS[setting.from],
    compare: (one, other) => one.from.localeCompare(other.from),
  },
];

const keyOf = (setting: SettingView): string => setting.key;

/** Changes one setting as text, as it would stand in the file. */
function EditDialog({
  setting,
  config,
  close,
}: {
  readonly setting: SettingView;
  readonly config: ConfigAccess;
  close(): void;
}) {
  const [text, setText] = useState(() => valueText(setting.value));
  const [error, setError] = useState<string | null>(null);
  const keep = async (value: string | null) => {
    const refused = await config.write([
      value === null ? { key: setting.key } : { key: setting.key, value: typedValue(value) },
    ]);
    if (refused === null) close();
    else setError(refused.message);
  };
  return (
    <Dialog
      title={setting.key}
      text={`Set in ${ORIGIN_WORDS[setting.from]}. A change holds ${CONFIG_EFFECT_WORDS[setting.effect]}.`}
      wide
      onClose={close}
      onSubmit={() => void keep(text)}
      actions={
        <>
          {setting.from === 'default' ? null : (
            <Button tone="quiet" onClick={() => void keep(null)}>
              Take out of the file
            </Button>
          )}
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" tone="primary">
            Keep
          </Button>
        </>
      }
    >
      <Field label="Value" hint='Text, a number, true, a list as ["a", "b"] or a section as JSON.' error={error}>
        {(id, describedBy) => (
          <TextInput
            id={id}
            aria-describedby={describedBy}
            autoFocus
            className={styles.mono}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}

/** Every setting with what is in force and where it comes from; Enter or a double click changes it. */
export function AllSettings({ view, config }: { readonly view: ConfigView; readonly config: ConfigAccess }) {
  const room = useRoom();
  const [typed, setTyped] = useState('');
  const wanted = useDeferredValue(typed.trim().toLowerCase());
  const [chosen, setChosen] = useState<string | null>(null);
  const [sort, setSort] = useState<DataSort | null>(null);
  const rows = useMemo(
    () => view.settings.filter(({ key, value }) => `${key} ${valueText(value)}`.toLowerCase().includes(wanted)),
    [view, wanted],
  );
  const open = useCallback(
    (key: string) => {
      const setting = view.settings.find((one) => one.key === key);
      if (setting !== undefined)
        openDialog(room, (close) => <EditDialog setting={setting} config={config} close={close} />);
    },
    [room, view, config],
  );
  return (
    <Section
      title="All settings"
      count={rows.length}
      className={styles.all}
      actions={
        <>
          <TextInput
            type="search"
            aria-label="Filter settings"
            placeholder="filter"
            className={styles.filter}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Button small disabled={chosen === null} onClick={() => chosen !== null && open(chosen)}>
            Change…
          </Button>
        </>
      }
    >
      <DataTable
        label="All settings"
        rows={rows}
        columns={COLUMNS}
        keyOf={keyOf}
        sort={sort}
        selected={chosen}
        onSort={setSort}
        onSelect={setChosen}
        onOpen={open}
        empty={<p className={styles.faint}>No setting fits the filter.</p>}
      />
    </Section>
  );
}
