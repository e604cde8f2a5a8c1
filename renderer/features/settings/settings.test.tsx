import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigView, SettingView } from '../../../contract/config.ts';
import { fail, ok } from '../../../contract/result.ts';
import type { RuntimeView } from '../../../contract/runtimes.ts';
import { type FakeRoom, fakeRoom, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { ago, roomStatus } from '../../testing/fixtures.ts';
import type { SettingsPart } from './parts.ts';
import { SettingsScreen } from './SettingsScreen.tsx';
import { settingsActions } from './settingsActions.tsx';

let fake: FakeRoom;
beforeEach(() => {
  fake = fakeRoom();
  fake.room.actions.register(settingsActions);
  fake.publish('status', { value: roomStatus() });
});
afterEach(cleanup);

const setting = (key: string, value: SettingView['value'], more: Partial<SettingView> = {}): SettingView => ({
  key,
  value,
  from: 'project',
  effect: 'now',
  ...more,
});
function view(...settings: readonly SettingView[]): ConfigView {
  return { version: 'v1', settings: [...settings], warnings: [], problem: null, files: ['project'] };
}
function runtime(name: string, more: Partial<RuntimeView> = {}): RuntimeView {
  return {
    name,
    ready: true,
    version: '1.2.3',
    loggedIn: true,
    detail: `${name} 1.2.3`,
    warning: null,
    stability: 'stable',
    features: {
      turns: 'structured',
      resume: true,
      usage: 'turn',
      cost: 'process',
      guards: 'enforced',
      guardNote: 'hooks',
    },
    headless: true,
    interactive: true,
    usedBy: [],
    ...more,
  };
}
const writes = () => fake.calls.filter(({ name }) => name === 'config.write').map(({ input }) => input);

async function show(part: SettingsPart, config: ConfigView, runtimes: readonly RuntimeView[] = []): Promise<void> {
  fake.answer('config.read', () => ok(structuredClone(config)));
  fake.answer('config.write', () => ok({ view: structuredClone({ ...config, version: 'v2' }), overridden: [] }));
  fake.answer('agents.runtimes', () => ok({ runtimes: [...runtimes] }));
  fake.answer('notices.past', () => ok({ notices: [], from: ago(86_400) }));
  fake.room.ui.setState({ settingsPart: part });
  renderRoom(fake, <SettingsScreen />);
  await settled();
}
const noticesShown = () => fake.room.notices.store.getState().items.map(({ text }) => text);

describe('Settings', () => {
  it('lists runtimes with what is missing, checks again, and takes one as default', async () => {
    await show('runtimes', view(setting('runtime.default', 'claude')), [
      runtime('claude', { usedBy: ['default'] }),
      runtime('codex', { features: { ...runtime('x').features, guards: 'advisory' } }),
      runtime('gemini', {
        ready: false,
        version: null,
        loggedIn: null,
        detail: 'not installed: npm install -g gemini',
      }),
      runtime('pi', { loggedIn: false, detail: 'not logged in: run pi login' }),
    ]);
    const row = (name: string) => within(screen.getByRole('listitem', { name }));
    expect(row('claude').getByText('ready, logged in')).toBeTruthy();
    expect(row('codex').getByText('guards advisory')).toBeTruthy();
    expect(row('gemini').getByText('not installed: npm install -g gemini')).toBeTruthy();
    expect(row('gemini').queryByRole('button')).toBeNull();
    expect(row('pi').getByText('not logged in')).toBeTruthy();
    fireEvent.click(row('codex').getByRole('button', { name: 'Use by default: codex' }));
    await settled();
    expect(writes()).toEqual([
      { version: 'v1', file: 'project', changes: [{ key: 'runtime.default', value: 'codex' }] },
    ]);
    fireEvent.click(screen.getByRole('button', { name: 'Check again' }));
    await settled();
    expect(fake.calls.at(-1)).toEqual({ name: 'agents.runtimes', input: { refresh: true } });
  });

  it('gives a role a runtime and a model, and takes them away', async () => {
    const config = view(
      setting('runtime.default', 'claude'),
      setting('models.builder', 'opus', { effect: 'nextAgent' }),
    );
    await show('roles', config, [runtime('claude'), runtime('codex')]);
    fireEvent.change(screen.getByRole('combobox', { name: 'Runtime of lead' }), { target: { value: 'codex' } });
    await settled();
    const model = screen.getByRole('textbox', { name: 'Model of builder' });
    fireEvent.change(model, { target: { value: '' } });
    fireEvent.keyDown(model, { key: 'Enter' });
    await settled();
    expect(writes().map((input) => (input as { changes: unknown }).changes)).toEqual([
      [{ key: 'runtime.capabilities.lead', value: 'codex' }],
      [{ key: 'models.builder' }],
    ]);
    expect(noticesShown()).toContain('Kept: it holds for agents slung from now on.');
  });

  it('says under the field why a value is refused', async () => {
    await show('roles', view(setting('runtime.default', 'claude')), [runtime('claude')]);
    fake.answer('config.write', () =>
      fail('config', '.overstory/config.yaml: models.lead is "x", but it must be opus'),
    );
    const model = screen.getByRole('textbox', { name: 'Model of lead' });
    fireEvent.change(model, { target: { value: 'x' } });
    fireEvent.blur(model);
    await settled();
    expect(screen.getByRole('alert').textContent).toContain('models.lead is "x", but it must be opus');
  });

  it('changes what the local file sets in the local file', async () => {
    await show('roles', view(setting('runtime.default', 'claude', { from: 'local' })), [
      runtime('claude'),
      runtime('codex'),
    ]);
    fireEvent.change(screen.getByLabelText('Default runtime'), { target: { value: 'codex' } });
    await settled();
    expect(writes()).toMatchObject([{ file: 'local' }]);
  });

  it('edits gates together', async () => {
    const gate = { name: 'Tests', command: 'npm test', description: 'pass' };
    await show('gates', view(setting('project.qualityGates', [gate])));
    fireEvent.click(screen.getByRole('button', { name: 'Add a gate' }));
    const type = (name: string, value: string) =>
      fireEvent.change(screen.getByRole('textbox', { name }), { target: { value } });
    type('name of gate 2', 'Lint');
    type('command of gate 2', 'npm run lint');
    type('description of gate 2', 'clean');
    fireEvent.click(screen.getByRole('button', { name: 'Remove gate 1' }));
    fireEvent.click(screen.getByRole('button', { name: 'Keep gates' }));
    await settled();
    expect(writes()).toMatchObject([
      {
        changes: [
          { key: 'project.qualityGates', value: [{ name: 'Lint', command: 'npm run lint', description: 'clean' }] },
        ],
      },
    ]);
  });

  it('sets and takes away a cap', async () => {
    await show('caps', view(setting('controlRoom.budgets.run.usd', 5)));
    const field = screen.getByRole('textbox', { name: 'Cap in US dollars for each run' });
    expect((field as HTMLInputElement).value).toBe('5');
    fireEvent.focus(field);
    fireEvent.change(field, { target: { value: '12.5' } });
    fireEvent.blur(field);
    await settled();
    expect(writes()).toMatchObject([{ changes: [{ key: 'controlRoom.budgets.run.usd', value: 12.5 }] }]);
  });

  it('switches a kind of notification off, sets quiet hours, and shows what would have rung', async () => {
    await show('notifications', view(setting('controlRoom.notifications.off', ['run'])));
    fake.answer('notices.past', () =>
      ok({
        notices: [
          { at: ago(60), kind: 'gate', title: 'lead needs a decision', body: 'b', agent: null, silent: null },
          { at: ago(90), kind: 'run', title: 'Run finished', body: 'b', agent: null, silent: 'off' },
        ],
        from: ago(86_400),
      }),
    );
    fireEvent.click(screen.getByRole('button', { name: 'Look again' }));
    await settled();
    expect(screen.getByText('1 ring, 1 silent')).toBeTruthy();
    expect(screen.getByText('switched off')).toBeTruthy();
    fireEvent.click(screen.getByRole('switch', { name: 'Loops' }));
    await settled();
    const from = screen.getByRole('textbox', { name: 'Quiet from' });
    fireEvent.change(from, { target: { value: '21:30' } });
    fireEvent.blur(from);
    await settled();
    expect(writes().map((input) => (input as { changes: unknown }).changes)).toEqual([
      [{ key: 'controlRoom.notifications.off', value: ['looping', 'run'] }],
      [
        { key: 'controlRoom.notifications.quietFrom', value: '21:30' },
        { key: 'controlRoom.notifications.quietTo', value: '07:00' },
      ],
    ]);
  });

  it('keeps looks and terminals on this machine', async () => {
    await show('appearance', view());
    fireEvent.click(screen.getByRole('radio', { name: 'light' }));
    fireEvent.click(screen.getByRole('switch', { name: 'Reduce motion' }));
    fireEvent.click(screen.getByRole('button', { name: 'Terminal' }));
    fireEvent.click(screen.getByRole('switch', { name: 'Screen-reader mode' }));
    fireEvent.click(screen.getByRole('radio', { name: 'off' }));
    expect(fake.room.ui.getState()).toMatchObject({
      theme: 'light',
      reducedMotion: true,
      screenReaderTerminal: true,
      terminalClipboard: 'off',
    });
    expect(writes()).toEqual([]);
  });

  it('finds any setting by name and changes it as text', async () => {
    await show('all', view(setting('agents.maxConcurrent', 25, { from: 'default' }), setting('models.lead', 'opus')));
    fireEvent.change(screen.getByRole('searchbox', { name: 'Filter settings' }), { target: { value: 'maxc' } });
    await settled();
    const rows = within(screen.getByRole('grid', { name: 'All settings' }))
      .getAllByRole('row')
      .slice(1);
    expect(rows.map((row) => row.firstElementChild?.textContent)).toEqual(['agents.maxConcurrent']);
    fireEvent.doubleClick(rows[0] as HTMLElement);
    renderRoom(
      fake,
      fake.room.slots.dialog.getState().content?.(() => {}),
    );
    fireEvent.change(screen.getByLabelText('Value'), { target: { value: '8' } });
    fireEvent.click(screen.getByRole('button', { name: 'Keep' }));
    await settled();
    expect(writes()).toMatchObject([{ changes: [{ key: 'agents.maxConcurrent', value: 8 }] }]);
  });

  it('says what is wrong with the files, and what cannot be read', async () => {
    await show('all', { ...view(), problem: 'config.yaml is not valid YAML', warnings: ['unknown setting x'] });
    expect(screen.getByRole('alert').textContent).toContain('config.yaml is not valid YAML');
    expect(screen.getByText('unknown setting x')).toBeTruthy();
    cleanup();
    fake.answer('config.read', () => fail('config', 'config.yaml cannot be read'));
    renderRoom(fake, <SettingsScreen />);
    await settled();
    expect(screen.getByText('config.yaml cannot be read')).toBeTruthy();
  });
});
