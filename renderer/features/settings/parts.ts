/** The parts of the Settings screen, in their order. */
export const SETTINGS_PARTS = [
  'runtimes',
  'roles',
  'gates',
  'caps',
  'notifications',
  'keys',
  'appearance',
  'terminal',
  'all',
] as const;
export type SettingsPart = (typeof SETTINGS_PARTS)[number];

export const PART_TITLES: Readonly<Record<SettingsPart, string>> = {
  runtimes: 'Runtimes',
  roles: 'Roles',
  gates: 'Quality gates',
  caps: 'Caps',
  notifications: 'Notifications',
  keys: 'Keys',
  appearance: 'Appearance',
  terminal: 'Terminal',
  all: 'All settings',
};
