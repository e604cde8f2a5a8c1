import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_OWN_WATCHDOG } from '../config/ownWatchdog.ts';
import { defaultConfig } from '../config/schema.ts';
import { checkLimit, createWatchdogLimits, readWishes, withLimits } from './limits.ts';
import { resolveModes } from './rules.ts';
import { actionsOf, createTestRoom, type TestRoom } from './testRoom.ts';

const config = defaultConfig('/project');

describe('limits of the watchdog', () => {
  it.each([
    ['staleThresholdMs', 120_000, true, ''],
    ['staleThresholdMs', 600_000, false, 'zombieThresholdMs (600000) must be greater than staleThresholdMs (600000)'],
    ['zombieThresholdMs', 200_000, false, 'must be greater than staleThresholdMs (300000)'],
    ['staleThresholdMs', 10, false, 'staleThresholdMs must be a whole number from 1000 to 86400000, not 10'],
    ['loopRounds', 2, false, 'loopRounds must be a whole number from 3 to 12, not 2'],
    ['loopRounds', 4.5, false, 'not 4.5'],
    ['maxEscalationLevel', null, true, ''],
  ] as const)('%s = %s: %s', (name, value, good, words) => {
    const checked = checkLimit(name, value, config, {});
    expect(checked.ok).toBe(good);
    if (!checked.ok) expect(checked.error.message).toContain(words);
  });

  it('what was kept and makes no sense any more is left out', () => {
    expect(readWishes({ staleThresholdMs: 5, loopRounds: 4, other: 1 })).toEqual({ loopRounds: 4 });
    expect(readWishes('x')).toEqual({});
    // config.yaml was edited since: the wish would contradict it.
    expect(withLimits(config, { staleThresholdMs: 700_000 })).toBe(config);
  });

  it('a value set in the room goes before config.yaml, is kept, and can be taken back', () => {
    const kept = new Map<string, unknown>();
    const control = {
      getSetting: (key: string) => kept.get(key),
      putSetting: (key: string, value: unknown) => void kept.set(key, value),
    };
    const limits = createWatchdogLimits(control, () => config);
    expect(limits.set('staleThresholdMs', 60_000).ok).toBe(true);
    expect(limits.set('loopRounds', 5).ok).toBe(true);
    const again = createWatchdogLimits(control, () => config);
    expect(again.config().watchdog.staleThresholdMs).toBe(60_000);
    expect(again.config().controlRoom.watchdog.loopRounds).toBe(5);
    expect(again.views().find(({ name }) => name === 'staleThresholdMs')).toEqual({
      name: 'staleThresholdMs',
      value: 60_000,
      preset: 300_000,
    });
    expect(again.set('staleThresholdMs', null).ok).toBe(true);
    expect(again.config().watchdog.staleThresholdMs).toBe(300_000);
  });
});

describe('a rule that is off', () => {
  let room: TestRoom;
  afterEach(() => room.dispose());

  it('neither does nor records anything, and works again when it is switched on', async () => {
    room = await createTestRoom({}, { off: ['nudge'] });
    await room.agent('a');
    room.inTurn('a');
    room.watchdog.setRule('stalled', 'off');
    room.watchdog.setRule('endTurn', 'off');
    await room.pass(400);
    expect(actionsOf(room, 'a')).toEqual([]);
    expect([room.nudges.length, room.interrupted.length]).toEqual([0, 0]);
    expect(room.session('a').state).toBe('in_turn');
    expect(room.watchdog.modes()).toMatchObject({ nudge: 'off', stalled: 'off', endLoop: 'shadow' });
    room.watchdog.setRule('endTurn', 'live');
    await room.pass(70);
    expect(room.interrupted).toEqual(['a']);
  });

  it('a switch of the room goes before config.yaml, which goes before the preset', () => {
    const modes = resolveModes(
      { ...DEFAULT_OWN_WATCHDOG, off: ['nudge'], live: ['endLoop'] },
      { endLoop: 'off', gone: '?' },
    );
    expect(modes.nudge).toEqual({ mode: 'off', preset: 'off' });
    expect(modes.endLoop).toEqual({ mode: 'off', preset: 'live' });
    expect(modes.gone).toEqual({ mode: 'live', preset: 'live' });
  });
});
