import { showScreen } from '../../actions/navigation.ts';
import type { Action } from '../../actions/registry.ts';
import { PART_TITLES, SETTINGS_PARTS } from './parts.ts';

/** Every part of the Settings screen by name. */
export const settingsActions: readonly Action[] = SETTINGS_PARTS.map((part) => ({
  id: `settings.${part}`,
  group: 'Go to',
  title: () => `Settings: ${PART_TITLES[part]}`,
  keywords: 'preferences options configure',
  run: ({ room }) => {
    room.ui.setState({ settingsPart: part });
    showScreen(room, 'settings');
  },
}));
