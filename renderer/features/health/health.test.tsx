import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DoctorCheck } from '../../../contract/doctor.ts';
import type { DrillStep, DrillView } from '../../../contract/drills.ts';
import type { WatchdogAction, WatchdogRuleView } from '../../../contract/evidence.ts';
import type { EngineHealth, LogEntry, LogPage } from '../../../contract/health.ts';
import { fail, ok } from '../../../contract/result.ts';
import type { HealthTab } from '../../stores/preferences.ts';
import { type FakeRoom, fakeRoom, press, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { agentView, ago, roomStatus } from '../../testing/fixtures.ts';
import { HealthScreen } from './HealthScreen.tsx';
import { healthActions } from './healthActions.tsx';
import { heldFrom, withNewer, withOlder } from './logLines.ts';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const rule = (more: Partial<WatchdogRuleView> = {}): WatchdogRuleView => ({
  rule: 'endTurn',
  mode: 'live',
  preset: 'live',
  does: 'ends the silent turn',
  acted: 0,
  shadowed: 0,
  ...more,
});
const action = (id: number, more: Partial<WatchdogAction> = {}): WatchdogAction => ({
  id,
  at: ago(60 * id),
  agentName: 'mailer',
  runId: null,
  rule: 'endTurn',
  mode: 'shadow',
  level: 3,
  action: 'ended its turn',
  reason: 'no sign of life for 6 min',
  outcome: 'shadow: nothing was done',
  undo: null,
  evidence: null,
  ...more,
});
const triage = { asked: 0, failed: 0, charactersIn: 0, charactersOut: 0, tokensIn: 0, tokensOut: 0 };

async function open(tab: HealthTab, prepare: (fake: FakeRoom) => void = () => {}): Promise<FakeRoom> {
  const fake = fakeRoom();
  fake.room.actions.register(healthActions);
  fake.publish('status', { value: roomStatus() });
  fake.publish('agents', { put: [agentView('mailer')], remove: [] });
  fake.room.ui.setState({ screen: 'health', healthTab: tab });
  prepare(fake);
  renderRoom(fake, <HealthScreen />);
  await settled();
  return fake;
}
const called = (fake: FakeRoom, name: string) =>
  fake.calls.filter((call) => call.name === name).map(({ input }) => input);

describe('watchdog policy', () => {
  const answers = (fake: FakeRoom, rules = [rule()], recent: readonly WatchdogAction[] = []): void => {
    fake.answer('watchdog.rules', () => ok({ rules, triage, recent }));
    fake.answer('watchdog.limits', () =>
      ok({ limits: [{ name: 'staleThresholdMs', value: 120_000, preset: 300_000 }] }),
    );
  };

  test('a rule is off, in shadow or live; what it did and would have done stands beside it', async () => {
    const fake = await open('watchdog', (room) => answers(room, [rule({ acted: 2, shadowed: 1, mode: 'shadow' })]));
    expect(screen.getByText('acted 2 times')).toBeDefined();
    expect(screen.getByText('would have 1 time')).toBeDefined();
    const modes = screen.getByRole('radiogroup', { name: 'Mode of End a silent turn' });
    expect(within(modes).getByRole('radio', { name: 'Shadow' }).getAttribute('aria-checked')).toBe('true');
    fireEvent.click(within(modes).getByRole('radio', { name: 'Off' }));
    await settled();
    expect(called(fake, 'watchdog.setRule')).toEqual([{ rule: 'endTurn', mode: 'off' }]);
    expect(called(fake, 'watchdog.rules')).toHaveLength(2);
  });

  test('what was done, or would have been, opens the why of its agent', async () => {
    const fake = await open('watchdog', (room) =>
      answers(room, [rule()], [action(1), action(2, { mode: 'live', outcome: null })]),
    );
    const table = screen.getByRole('grid', { name: 'What the watchdog did' });
    expect(within(table).getByText('would have')).toBeDefined();
    expect(within(table).getByText('under way')).toBeDefined();
    table.focus();
    press('ArrowDown');
    await settled();
    expect(fake.room.ui.getState().selectedAgent).toBe('mailer');
    expect(fake.room.ui.getState().inspectorFolded).not.toContain('health');
  });

  test('a limit is shown in seconds, set in milliseconds, and goes back to config.yaml', async () => {
    const fake = await open('watchdog', answers);
    const field = screen.getByRole('textbox', { name: 'Stalled after' });
    expect((field as HTMLInputElement).value).toBe('120');
    fireEvent.click(screen.getByRole('button', { name: /Stalled after: back to 300 s/ }));
    await settled();
    expect(called(fake, 'watchdog.setLimit')).toEqual([{ name: 'staleThresholdMs', value: null }]);
  });

  test('looks again when the watchdog has looked', async () => {
    const fake = await open('watchdog', answers);
    const before = called(fake, 'watchdog.rules').length;
    fake.publish('status', {
      value: roomStatus({ watchdog: { lastTickAt: ago(1), agents: 1, verdicts: 1 } }),
    });
    await settled();
    expect(called(fake, 'watchdog.rules').length).toBe(before + 1);
  });

  test('an engine that does not answer is said, with a way to try again', async () => {
    await open('watchdog', (fake) => fake.answer('watchdog.rules', () => fail('timeout', 'no answer within 30 s')));
    expect(screen.getByRole('alert').textContent).toContain('no answer within 30 s');
    expect(screen.getByRole('button', { name: 'Try again' })).toBeDefined();
  });
});

const health = (more: Partial<EngineHealth> = {}): EngineHealth => ({
  at: ago(0),
  engine: {
    mode: 'embedded',
    version: '0.1.0',
    pid: 4_242,
    instanceId: 'i',
    startedAt: ago(3_600),
    node: '24.0.0',
    faces: 2,
    memory: { residentBytes: 120 * 1024 ** 2, heapUsedBytes: 40 * 1024 ** 2, heapTotalBytes: 60 * 1024 ** 2 },
    loopDelay: { p50: 0.1, p99: 3.2, max: 12 },
    cpuSeconds: 12.5,
  },
  lease: { pid: 4_242, instanceId: 'i', ours: true },
  stores: [{ name: 'events.db', bytes: 2_048_000, walBytes: 4_096 }],
  recordingBytes: 1_024,
  logBytes: 10_240,
  host: null,
  watchdog: { enabled: true, lastTickAt: ago(9), intervalMs: 30_000, agents: 11, verdicts: 0 },
  ...more,
});

describe('engine', () => {
  test('says how engine, host and stores are, and asks again by the clock', async () => {
    const fake = await open('engine', (room) => room.answer('engine.health', () => ok(health())));
    expect(screen.getByText('held by this engine')).toBeDefined();
    expect(screen.getByText(/^None runs\./)).toBeDefined();
    expect(screen.getByRole('row', { name: /events\.db 2\.0 MB 4 KB/ })).toBeDefined();
    fake.tick(20);
    await settled();
    expect(called(fake, 'engine.health').length).toBeGreaterThan(1);
  });

  test('a lease of somebody else and a late event loop are told by more than colour', async () => {
    const late = { ...health().engine, loopDelay: { p50: 1, p99: 210, max: 400 } };
    await open('engine', (room) =>
      room.answer('engine.health', () => ok(health({ lease: { pid: 7, instanceId: 'x', ours: false }, engine: late }))),
    );
    expect(screen.getByText('held by process 7')).toBeDefined();
    expect(screen.getByText('210 ms').textContent).toBe('late: 210 ms');
  });
});

const check = (more: Partial<DoctorCheck> = {}): DoctorCheck => ({
  id: 'structure/Required subdirectories',
  name: 'Required subdirectories',
  category: 'structure',
  status: 'fail',
  message: 'folders of the scaffold are missing',
  details: ['specs'],
  fix: 'makes specs',
  ...more,
});
const fine = check({
  id: 'config/config-valid',
  name: 'config-valid',
  category: 'config',
  status: 'pass',
  fix: null,
  details: [],
});

describe('doctor', () => {
  test('shows what is wrong by category, mends one thing, and shows what was found then', async () => {
    const fake = await open('doctor', (room) => {
      room.answer('doctor.run', () => ok({ checks: [check(), fine], summary: { pass: 1, warn: 0, fail: 1 } }));
      room.answer('doctor.fix', () =>
        ok({
          checks: [fine],
          summary: { pass: 2, warn: 0, fail: 0 },
          fixed: ['Required subdirectories: made specs'],
          notFixed: [],
        }),
      );
    });
    expect(screen.getByRole('status').textContent).toContain('1 failure');
    expect(screen.queryByText('config-valid')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Fix Required subdirectories' }));
    await settled();
    expect(called(fake, 'doctor.fix')).toEqual([{ ids: ['structure/Required subdirectories'] }]);
    expect(screen.getByText(/Everything is as it should be/)).toBeDefined();
    fireEvent.click(screen.getByRole('checkbox', { name: 'Show what is fine' }));
    await settled();
    expect(screen.getByText('config-valid')).toBeDefined();
  });

  test('a fix that was not possible is said', async () => {
    const fake = await open('doctor', (room) => {
      room.answer('doctor.run', () => ok({ checks: [check()], summary: { pass: 0, warn: 0, fail: 1 } }));
      room.answer('doctor.fix', () =>
        ok({
          checks: [check()],
          summary: { pass: 0, warn: 0, fail: 1 },
          fixed: [],
          notFixed: ['Required subdirectories: no'],
        }),
      );
    });
    fireEvent.click(screen.getByRole('button', { name: 'Fix Required subdirectories' }));
    await settled();
    expect(fake.room.notices.store.getState().items.map(({ text }) => text)).toEqual(['Required subdirectories: no']);
  });
});

const line = (id: number, more: Partial<LogEntry> = {}): LogEntry => ({
  id: `engine.log:${id}`,
  at: ago(1_000 - id),
  level: 'info',
  agent: null,
  turn: null,
  message: `line ${id}`,
  facts: '',
  ...more,
});
const page = (from: number, to: number, more: Partial<LogPage> = {}): LogPage => ({
  entries: Array.from({ length: to - from }, (_, at) => line(from + at)),
  older: null,
  newer: { file: 'engine.log', offset: to },
  ...more,
});

describe('logs', () => {
  test('filters are asked of the engine; a line opens whole; hostile text is shown, not obeyed', async () => {
    const fake = await open('logs', (room) => {
      room.answer('logs.agents', () => ok({ agents: ['mailer'] }));
      room.answer('logs.read', () =>
        ok({
          ...page(0, 0),
          entries: [line(1, { agent: 'mailer', level: 'error', message: 'a\u202eb', facts: 'x=1' })],
        }),
      );
    });
    fireEvent.change(screen.getByRole('combobox', { name: 'Log of' }), { target: { value: 'mailer' } });
    fireEvent.change(screen.getByRole('combobox', { name: 'Level' }), { target: { value: 'warn' } });
    fireEvent.change(screen.getByRole('textbox', { name: 'Search the log' }), { target: { value: 'disk' } });
    await settled();
    expect(called(fake, 'logs.read').at(-1)).toMatchObject({ agent: 'mailer', level: 'warn', search: 'disk' });
    const [row] = screen.getAllByRole('option').filter((option) => option.hasAttribute('data-line'));
    expect(row?.textContent).not.toContain('\u202e');
    screen.getByRole('listbox', { name: 'Log' }).focus();
    press('End');
    await settled();
    const detail = screen.getByRole('region', { name: 'Line' });
    expect(detail.textContent).toContain('x=1');
    fireEvent.click(within(detail).getByRole('button', { name: 'mailer' }));
    expect(fake.room.ui.getState().selectedAgent).toBe('mailer');
  });

  test('ten thousand lines render only those in view; following asks for what came since', async () => {
    const fake = await open('logs', (room) => {
      room.answer('logs.agents', () => ok({ agents: [] }));
      room.answer('logs.read', (input) =>
        ok((input as { after?: unknown }).after === undefined ? page(0, 10_000) : page(10_000, 10_001)),
      );
    });
    expect(screen.getAllByRole('option').filter((option) => option.hasAttribute('data-line')).length).toBeLessThan(120);
    fake.tick(3);
    await settled();
    expect(called(fake, 'logs.read').at(-1)).toMatchObject({ after: { file: 'engine.log', offset: 10_000 } });
    fireEvent.click(screen.getByRole('button', { name: 'Following' }));
    const asked = called(fake, 'logs.read').length;
    fake.tick(9);
    await settled();
    expect(called(fake, 'logs.read').length).toBe(asked);
  });

  test('what was held is joined at both ends, each line once, and bounded', () => {
    const first = heldFrom(page(10, 20, { older: { file: 'engine.log', offset: 10 } }));
    const both = withNewer(withOlder(first, page(0, 10)), page(19, 25));
    expect(both.entries.map(({ message }) => message)).toEqual(Array.from({ length: 25 }, (_, at) => `line ${at}`));
    expect(both.older).toBeNull();
    const bounded = withNewer(both, page(25, 30), 10);
    expect(bounded.entries[0]?.message).toBe('line 20');
    expect(bounded.older).toEqual({ file: 'engine.log', offset: 20 });
    expect(withNewer(both, { entries: [], older: null, newer: both.newer })).toBe(both);
  });
});

const step = (expected: string, more: Partial<DrillStep> = {}): DrillStep => ({
  expected,
  state: 'waiting',
  seen: '',
  at: null,
  afterMs: null,
  ...more,
});
const drill = (more: Partial<DrillView> = {}): DrillView => ({
  id: 'crash-1',
  kind: 'crash',
  agent: 'drill-crash',
  state: 'running',
  startedAt: ago(3),
  endedAt: null,
  result: null,
  steps: [step('it begins', { state: 'seen', seen: 'turn 1 began', at: ago(2), afterMs: 1_200 }), step('it recovers')],
  evidence: [{ at: ago(2), text: 'turnStart: begins' }],
  ...more,
});

describe('fire drills', () => {
  test('one starts by its button, is watched step by step, and can be cancelled', async () => {
    const fake = await open('drills', (room) => room.publish('drills', { value: { current: null, results: [] } }));
    fireEvent.click(screen.getByRole('button', { name: 'Start the drill: A turn crashes' }));
    await settled();
    expect(called(fake, 'drills.start')).toEqual([{ kind: 'crash' }]);
    fake.publish('drills', { value: { current: drill(), results: [] } });
    const shown = screen.getByRole('article', { name: 'Drill: A turn crashes' });
    expect(within(shown).getByText('+1.2 s')).toBeDefined();
    expect(screen.getByRole('button', { name: 'Start the drill: The quota is used up' })).toHaveProperty(
      'disabled',
      true,
    );
    fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    await settled();
    expect(called(fake, 'drills.cancel')).toHaveLength(1);
  });

  test('a result says what was not seen, and how to change it', async () => {
    const missed = step('it is called stalled', { state: 'missed', seen: 'rule stalled is off' });
    await open('drills', (room) =>
      room.publish('drills', {
        value: {
          current: null,
          results: [drill({ state: 'failed', endedAt: ago(1), result: 'rule stalled is off', steps: [missed] })],
        },
      }),
    );
    const shown = screen.getByRole('article', { name: 'Drill: A turn crashes' });
    expect(within(shown).getByText('failed')).toBeDefined();
    expect(within(shown).getByText('not seen')).toBeDefined();
  });

  test('a paused fleet holds no drill', async () => {
    await open('drills', (room) => {
      room.publish('drills', { value: { current: null, results: [] } });
      room.publish('status', { value: roomStatus({ paused: true }) });
    });
    expect(screen.getByText(/The fleet is paused/)).toBeDefined();
    expect(screen.getByRole('button', { name: 'Start the drill: A turn crashes' })).toHaveProperty('disabled', true);
  });

  test('the palette starts and cancels drills and opens every part', async () => {
    const fake = await open('drills', (room) => room.publish('drills', { value: { current: null, results: [] } }));
    expect(fake.room.actions.run('drill.cancel', fake.room)).toBe(false);
    expect(fake.room.actions.run('drill.loop', fake.room)).toBe(true);
    act(() => void fake.room.actions.run('health.logs', fake.room));
    expect(fake.room.ui.getState()).toMatchObject({ screen: 'health', healthTab: 'logs' });
    await settled();
  });
});
