import { describe, expect, it } from 'vitest';
import { resolveConfig } from './loadConfig.ts';

function read(notifications: Readonly<Record<string, string | readonly string[]>>) {
  const loaded = resolveConfig({ controlRoom: { notifications } }, {}, '/p');
  return loaded.ok ? loaded.value.config.controlRoom.notifications : loaded.error.message;
}

describe('controlRoom.notifications', () => {
  it('rings for everything unless told otherwise', () => {
    expect(read({})).toEqual({ off: [], quiet: null });
    expect(read({ off: ['run'], quietFrom: '22:00', quietTo: '7:00' })).toEqual({
      off: ['run'],
      quiet: { from: '22:00', to: '7:00' },
    });
  });

  it.each([
    [{ off: ['rnu'] }, 'notifications.off is "rnu", but it must be one of gate, question, dead'],
    [{ quietFrom: '25:00', quietTo: '7:00' }, 'notifications.quietFrom is "25:00", but it must be a time of day'],
    [{ quietFrom: '22:00' }, 'notifications.quietTo is empty, but quietFrom is set: give both'],
  ])('%j is refused', (settings, words) => expect(read(settings)).toContain(words));
});
