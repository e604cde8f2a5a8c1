import { describe, expect, it } from 'vitest';
import { NO_GUARD_RULES, readGuardSettings, readSandboxMode, readSandboxOffline } from './guardSettings.ts';
import { SettingsReader } from './settingsReader.ts';
import type { YamlValue } from './yamlText.ts';

const reader = (controlRoom: Readonly<Record<string, YamlValue>>) => new SettingsReader({ controlRoom });

describe('controlRoom.guards and controlRoom.sandbox', () => {
  it('are off by default', () => {
    expect(readGuardSettings(reader({}), NO_GUARD_RULES)).toEqual({ refuse: [], allow: [], protect: [] });
    expect(readSandboxMode(reader({}), 'off')).toBe('off');
    expect(readSandboxOffline(reader({}))).toEqual([]);
  });

  it('are read as they stand; a bare on or off may be a truth value', () => {
    const guards = { refuse: ['terraform apply'], allow: ['tee'], protect: ['infra'] };
    expect(readGuardSettings(reader({ guards }), NO_GUARD_RULES)).toEqual(guards);
    expect(readSandboxMode(reader({ sandbox: true }), 'off')).toBe('on');
    expect(readSandboxMode(reader({ sandbox: false }), 'on')).toBe('off');
    expect(readSandboxMode(reader({ sandbox: 'require' }), 'off')).toBe('require');
    expect(readSandboxOffline(reader({ sandboxOffline: ['scout'] }))).toEqual(['scout']);
  });

  it.each<[string, (settings: SettingsReader) => unknown, Readonly<Record<string, YamlValue>>, string, RegExp]>([
    [
      'a path outside',
      (s) => readGuardSettings(s, NO_GUARD_RULES),
      { guards: { protect: ['../x'] } },
      'controlRoom.guards.protect[0]',
      /inside of the project/,
    ],
    [
      'a path from the root',
      (s) => readGuardSettings(s, NO_GUARD_RULES),
      { guards: { protect: ['a', '/etc'] } },
      'controlRoom.guards.protect[1]',
      /inside of the project/,
    ],
    [
      'an unknown mode',
      (s) => readSandboxMode(s, 'off'),
      { sandbox: 'always' },
      'controlRoom.sandbox',
      /off.*on.*require/,
    ],
    [
      'an unknown role',
      readSandboxOffline,
      { sandboxOffline: ['painter'] },
      'controlRoom.sandboxOffline[0]',
      /must be a role/,
    ],
  ])('%s is refused with key, value and remedy', (_name, read, settings, key, remedy) => {
    const settingsReader = reader(settings);
    read(settingsReader);
    expect(settingsReader.problems).toMatchObject([{ key, remedy: expect.stringMatching(remedy) }]);
  });
});
