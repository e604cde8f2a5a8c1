import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { procedures } from '../../../contract/procedures.ts';
import type { ReplayOverview, ReplayWindow } from '../../../contract/replay.ts';
import { fail, ok } from '../../../contract/result.ts';
import { App } from '../../app/App.tsx';
import { screenActions } from '../../app/screens.tsx';
import type { Room } from '../../stores/room.ts';
import { frontRoom } from '../../stores/stage.ts';
import { fakeRoom, press, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { agentView, attentionItem, mailMessage, NOW, roomStatus, taskView } from '../../testing/fixtures.ts';
import { costGroup, costOverview } from '../costs/costTestData.ts';
import { startReplay } from './startReplay.ts';

const FROM = NOW - 600_000;

/** Ann works; at 10 s she asks; at 20 s ben comes and she is done. */
const WINDOW: ReplayWindow = {
  from: FROM,
  until: FROM + 60_000,
  previousAt: null,
  start: {
    agents: { put: [agentView('ann')], remove: [] },
    tasks: { put: [taskView('OV-1'), taskView('OV-2', { order: 2 })], remove: [] },
    status: {
      value: roomStatus({
        governor: {
          burnUsdPerMinute: null,
          estimated: false,
          unpricedTurns: 0,
          caps: [{ scope: 'run', id: 'run-1', measure: 'turns', used: 2, limit: 5, level: 'ok', minutesLeft: null }],
          pauses: [],
          breakers: [],
        },
      }),
    },
  },
  steps: [
    {
      at: FROM + 10_000,
      changes: {
        agents: { put: [agentView('ann', { status: 'needsYou' })], remove: [] },
        attention: { put: [attentionItem('gate:1', { agent: 'ann', title: 'Which way?' })], remove: [] },
        mail: { put: [mailMessage('m1', { from: 'ann', to: 'operator', subject: 'Which way?' })], remove: [] },
      },
    },
    {
      at: FROM + 20_000,
      changes: {
        agents: { put: [agentView('ann', { status: 'done' }), agentView('ben')], remove: [] },
        attention: { put: [], remove: ['gate:1'] },
      },
    },
  ],
};
const OVERVIEW: ReplayOverview = {
  from: FROM,
  to: FROM + 60_000,
  density: [3, 1, 0, 2],
  marks: [{ at: FROM + 10_000, kind: 'attention', agent: 'ann', title: 'Which way?', good: false }],
  recordedFrom: FROM,
};

beforeEach(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
      unobserve() {}
    },
  );
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A replay whose time the test moves. */
async function replay() {
  const fake = fakeRoom();
  fake.room.actions.register(screenActions.filter((action) => fake.room.actions.get(action.id) === undefined));
  fake.publish('agents', { put: [agentView('now-only')], remove: [] });
  fake.answer('replay.window', (input) => {
    const from = Date.parse((input as { readonly from: string }).from);
    if (from < FROM || from > FROM + 60_000) return fail('validation', 'outside');
    // A window that begins later holds what came before in its start.
    const past = WINDOW.steps.filter((step) => step.at <= from);
    const start = past.at(-1)?.changes ?? WINDOW.start;
    return ok(
      from === FROM ? WINDOW : { ...WINDOW, from, start, steps: WINDOW.steps.filter((step) => step.at > from) },
    );
  });
  fake.answer('replay.overview', () => ok(OVERVIEW));
  let now = 0;
  const ticks = new Set<() => void>();
  const room = startReplay(fake.room, { from: FROM, to: FROM + 60_000 }, FROM, {
    now: () => now,
    every(_milliseconds, run) {
      ticks.add(run);
      return () => ticks.delete(run);
    },
  });
  await settled();
  const { replay: replaying } = room;
  if (replaying === null) throw new Error('a replay has a player');
  return {
    fake,
    room,
    player: replaying.player,
    /** Watches for so many milliseconds. */
    watch(milliseconds: number) {
      act(() => {
        now += milliseconds;
        for (const tick of [...ticks]) tick();
      });
    },
  };
}

const names = (room: Room) => Object.keys(room.topics.agents.getState().state.byId).sort();
const statusOf = (room: Room, name: string) => room.topics.agents.getState().state.byId[name]?.status;

describe('a replayed room', () => {
  test('shows the moment, and no live delta reaches it', async () => {
    const { fake, room } = await replay();
    expect(names(room)).toEqual(['ann']);
    fake.publish('agents', { put: [agentView('newcomer')], remove: [] });
    fake.publish('mail', { put: [mailMessage('live')], remove: [] });
    expect(names(room)).toEqual(['ann']);
    expect(room.topics.mail.getState().state.byId).toEqual({});
    expect(names(fake.room)).toEqual(['newcomer', 'now-only']);
  });

  test('nothing of a replay reaches the live room', async () => {
    const { fake, room, player } = await replay();
    player.seek(FROM + 30_000);
    await settled();
    expect(names(room)).toEqual(['ann', 'ben']);
    expect(names(fake.room)).toEqual(['now-only']);
    expect(fake.room.topics.attention.getState().state.byId).toEqual({});
  });

  test('refuses every procedure that acts, whatever its name, in one line that names the moment', async () => {
    const { fake, room } = await replay();
    const before = fake.calls.length;
    for (const [name, { scope }] of Object.entries(procedures)) {
      if (scope === 'read') continue;
      const done = await room.link.call(name as 'fleet.pause', { paused: true });
      if (name === 'terminals.resize') continue;
      expect(done).toMatchObject({
        ok: false,
        error: { message: expect.stringMatching(/^This is a replay of .*: go live to act\.$/) },
      });
    }
    expect(fake.calls.slice(before)).toEqual([]);
  });

  test('asks the engine only for what never changes, or as it was', async () => {
    const { fake, room } = await replay();
    const before = fake.calls.length;
    for (const [name, { scope }] of Object.entries(procedures))
      if (scope === 'read') await room.link.call(name as 'timeline.page', { terminalId: 'x' } as never);
    const asked = new Set(fake.calls.slice(before).map((call) => call.name));
    expect([...asked].sort()).toEqual([
      'recordings.list',
      'recordings.read',
      'recordings.state',
      'replay.costs',
      'replay.merge',
      'replay.overview',
      'replay.watchdog',
      'timeline.page',
    ]);
  });

  test('the course of a merge is asked for as it was at the moment shown', async () => {
    const { fake, room, player } = await replay();
    player.seek(FROM + 30_000);
    await settled();
    await room.link.call('merges.detail', { id: 7 });
    expect(fake.calls.at(-1)).toMatchObject({
      name: 'replay.merge',
      input: { id: 7, at: new Date(FROM + 30_000).toISOString() },
    });
    expect(fake.calls.some((call) => call.name === 'merges.detail')).toBe(false);
  });

  test('costs are those of the moment shown, under the caps of then, and nothing on them acts', async () => {
    const { fake, room, player } = await replay();
    const {
      caps: _caps,
      triage: _triage,
      merging: _merging,
      ...costs
    } = costOverview([costGroup('ann', { usd: 0.25 })]);
    fake.answer('replay.costs', () => ok(costs));
    room.ui.setState({ screen: 'costs', costPeriod: 'all' });
    renderRoom(fake, <App />);
    player.seek(FROM + 20_000);
    await settled();
    const asked = () => fake.calls.filter(({ name }) => name === 'replay.costs').at(-1)?.input;
    expect(asked()).toEqual({ by: 'agent', at: new Date(FROM + 20_000).toISOString() });
    expect(screen.getByRole('meter', { name: 'Cap of run run-1' }).getAttribute('aria-valuetext')).toContain('2 of 5');
    expect(screen.getByRole('grid', { name: 'Costs' }).textContent).toContain('0.25');
    for (const name of [/^Raise/, 'Set caps', 'Pause run']) expect(screen.queryByRole('button', { name })).toBeNull();
    act(() => player.seek(FROM + 10_000));
    await settled();
    expect(asked()).toEqual({ by: 'agent', at: new Date(FROM + 10_000).toISOString() });
    expect(fake.calls.some(({ name }) => name === 'costs.overview' || name === 'runs.report')).toBe(false);
  });

  test('the watchdog is that of the moment shown and cannot be set; the other parts of Health say why they have no past', async () => {
    const { fake, room, player } = await replay();
    const rule = (mode: 'live' | 'off') => ({
      rule: 'nudge',
      mode,
      preset: 'live',
      does: 'nudges',
      acted: 1,
      shadowed: 0,
    });
    fake.answer('replay.watchdog', (input) => {
      const { at } = input as { readonly at: string };
      const later = at > new Date(FROM + 10_000).toISOString();
      const limits = [{ name: 'staleThresholdMs', value: later ? 60_000 : 300_000, preset: 300_000 }];
      const policy = { rules: [rule(later ? 'off' : 'live')], limits };
      return ok({ policy: at === new Date(FROM).toISOString() ? null : policy, recent: [] });
    });
    room.ui.setState({ screen: 'health', healthTab: 'watchdog' });
    renderRoom(fake, <App />);
    await settled();
    expect(screen.getByText('Which rules held at this moment is not recorded.')).toBeDefined();
    const rules = () => screen.getByRole('list', { name: 'Rules' }).textContent;
    act(() => player.seek(FROM + 10_000));
    await settled();
    expect(rules()).toContain('acted 1 timeLive');
    expect(screen.getByRole('list', { name: 'Limits' }).textContent).toContain('300 s');
    act(() => player.seek(FROM + 20_000));
    await settled();
    expect(rules()).toContain('Off');
    expect(screen.getByRole('list', { name: 'Limits' }).textContent).toContain('60 s config.yaml: 300 s');
    expect(screen.queryByRole('radiogroup', { name: /^Mode of/ })).toBeNull();
    expect(screen.queryByRole('textbox', { name: 'Stalled after' })).toBeNull();
    for (const [tab, words] of [
      ['Engine', /are not recorded\.$/],
      ['Logs', /as they are now/],
      ['Doctor', /as it is now\.$/],
      ['Fire drills', /are not recorded\.$/],
    ] as const) {
      fireEvent.click(screen.getByRole('tab', { name: tab }));
      await settled();
      expect(screen.getByText(words)).toBeDefined();
    }
    const asked = new Set(fake.calls.map(({ name }) => name));
    for (const name of ['watchdog.rules', 'watchdog.limits', 'engine.health', 'logs.read'])
      expect(asked).not.toContain(name);
  });

  test('plays: by speed, over quiet time, to its end', async () => {
    const { room, player, watch } = await replay();
    player.setSkipQuiet(false);
    player.play();
    watch(5_000);
    expect(player.store.getState().at).toBe(FROM + 5_000);
    expect(statusOf(room, 'ann')).toBe('inTurn');
    player.setSpeed(2);
    watch(2_500);
    expect(statusOf(room, 'ann')).toBe('needsYou');
    expect(room.clock.store.getState().now).toBe(FROM + 10_000);
    player.setSkipQuiet(true);
    watch(1);
    expect(player.store.getState().at).toBe(FROM + 19_000);
    watch(500);
    expect(names(room)).toEqual(['ann', 'ben']);
    player.setSpeed(128);
    watch(1_000);
    expect(player.store.getState()).toMatchObject({ at: FROM + 60_000, playing: false });
    player.play();
    expect(player.store.getState()).toMatchObject({ at: FROM, playing: true });
  });

  test('steps from change to change, and jumps to where somebody was needed', async () => {
    const { room, player } = await replay();
    player.step(1);
    expect(player.store.getState().at).toBe(FROM + 10_000);
    player.step(1);
    expect(statusOf(room, 'ann')).toBe('done');
    player.step(-1);
    expect(statusOf(room, 'ann')).toBe('needsYou');
    player.seek(FROM);
    expect(player.jump(1)).toBe(true);
    expect(Object.keys(room.topics.attention.getState().state.byId)).toEqual(['gate:1']);
    expect(player.jump(1)).toBe(false);
  });

  test('says why when the past cannot be read', async () => {
    const { fake, player } = await replay();
    fake.answer('replay.window', () => fail('unavailable', 'The disk is gone.'));
    player.seek(FROM + 30_000);
    await settled();
    // What is here already can still be shown.
    expect(player.store.getState().problem).toBeNull();
  });
});

describe('on screen', () => {
  async function shown() {
    const made = await replay();
    made.fake.room.ui.setState({ screen: 'fleet' });
    renderRoom(made.fake, <App />);
    await settled();
    return made;
  }

  test('the band says that it is a replay, and what waits now', async () => {
    const { fake } = await shown();
    const band = screen.getByRole('region', { name: 'Replay' });
    within(band).getByText('now: nobody waits for you');
    fake.publish('attention', { put: [attentionItem('gate:9')], remove: [] });
    within(band).getByRole('button', { name: /1 needs you now/ });
    expect(screen.queryByRole('listitem', { name: 'Round half even or half up?' })).toBeNull();
  });

  test('the same screens show the past, and going live shows the present', async () => {
    const { fake, player } = await shown();
    act(() => player.seek(FROM + 10_000));
    expect(screen.getAllByText('ann').length).toBeGreaterThan(0);
    expect(screen.queryByText('now-only')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Go live' }));
    await settled();
    expect(screen.queryByRole('region', { name: 'Replay' })).toBeNull();
    expect(screen.getAllByText('now-only').length).toBeGreaterThan(0);
    expect(frontRoom(fake.room)).toBe(fake.room);
  });

  test('the line is moved by keys and says where it is', async () => {
    const { player } = await shown();
    const line = screen.getByRole('slider', { name: 'Moment of the replay' });
    line.focus();
    press('End');
    expect(player.store.getState().at).toBe(FROM + 60_000);
    expect(line.getAttribute('aria-valuenow')).toBe('60');
    press('Home');
    press('ArrowRight');
    expect(player.store.getState().at).toBe(FROM + 1_000);
    press('PageDown');
    expect(player.store.getState().at).toBe(FROM + 4_000);
    fireEvent.click(screen.getByRole('button', { name: /Which way\?$/ }));
    expect(player.store.getState().at).toBe(FROM + 10_000);
    expect(line.getAttribute('aria-valuetext')).toContain('10 s of 1 min');
  });

  test('cards of the board are walked over and opened, and neither dragged nor moved', async () => {
    const { fake } = await replay();
    fake.room.ui.setState({ screen: 'board' });
    renderRoom(fake, <App />);
    await settled();
    const cards = () => [...document.querySelectorAll<HTMLElement>('[data-task]')];
    const [first, second] = cards();
    if (first === undefined || second === undefined) throw new Error('no cards');
    expect(cards().map((card) => [card.getAttribute('draggable'), card.getAttribute('aria-keyshortcuts')])).toEqual([
      [null, 'Enter'],
      [null, 'Enter'],
    ]);
    expect(screen.queryByRole('button', { name: /^New task/ })).toBeNull();
    const before = fake.calls.length;
    first.focus();
    for (const key of ['s', 'Delete', 'n']) press(key);
    fireEvent.keyDown(first, { key: 'ArrowRight', shiftKey: true });
    await settled();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(screen.queryByText(/go live to act/)).toBeNull();
    expect(fake.calls.slice(before)).toEqual([]);
    press('ArrowDown');
    expect(document.activeElement).toBe(second);
    fireEvent.contextMenu(second);
    expect((await screen.findAllByRole('menuitem')).map(({ textContent }) => textContent)).toEqual(['Open']);
  });

  test('what acts cannot be pressed and says why; a key is refused and the person is told', async () => {
    const { fake, player } = await shown();
    act(() => player.seek(FROM + 10_000));
    const before = fake.calls.length;
    const answer = screen.getByRole('button', { name: /half even/ });
    expect(answer.hasAttribute('disabled')).toBe(true);
    expect(answer.title).toBe('This is a replay: go live to act.');
    press('2');
    await settled();
    expect(screen.getByText(/go live to act\.$/)).toBeTruthy();
    expect(fake.calls.slice(before)).toEqual([]);
  });
});
