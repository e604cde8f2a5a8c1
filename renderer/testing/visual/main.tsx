import '../../app/zodSetup.ts';
import '../../styles/fonts.css';
import '../../styles/tokens.css';
import '../../styles/base.css';
import { createRoot } from 'react-dom/client';
import { openTerminal } from '../../actions/navigation.ts';
import { listenForShortcuts } from '../../actions/shortcuts.ts';
import { App } from '../../app/App.tsx';
import { followTheme } from '../../app/theme.ts';
import { showCollision, showMerge } from '../../features/merge/mergeStore.ts';
import { SETTINGS_PARTS } from '../../features/settings/parts.ts';
import { RoomContext } from '../../stores/hooks.ts';
import { HEALTH_TABS, SCREENS } from '../../stores/preferences.ts';
import { sampleRoom } from './sampleRoom.ts';

/*
 * The page that pictures are taken of: the real room over a played engine with a clock that stands still. Its address
 * says what it shows: `#scene=mail&theme=light`, where a scene is a screen, `gallery`, a screen with `-empty`, or a
 * screen with one of its parts in front: `merge-conflicts`, `merge-radar`, `health-doctor`, `settings-keys`.
 */
const wanted = new URLSearchParams(location.hash.slice(1));
const scene = wanted.get('scene') ?? 'gallery';
const [screenName = '', variant = ''] = scene.split('-');
const { room } = sampleRoom({ empty: variant === 'empty' });
room.ui.setState({
  theme: wanted.get('theme') === 'light' ? 'light' : 'dark',
  galleryOpen: scene === 'gallery',
  screen: SCREENS.find((name) => name === screenName) ?? 'fleet',
  // With its first thread open and an agent inspected, a picture shows every pane.
  ...(variant === 'empty' ? {} : { selectedAgent: 'mailer', mailThread: 'm2' }),
});
if (screenName === 'terminals' && variant === '') {
  for (const name of ['csv-writer', 'pdf-writer', 'mailer']) openTerminal(room, `agent:${name}`, name);
}
if (scene === 'merge-radar') showCollision(room, { one: 'mailer', other: 'pdf-writer' });
if (scene === 'merge-conflicts') showMerge(room, 1, 'conflicts');
const tab = HEALTH_TABS.find((name) => name === variant);
if (screenName === 'health' && tab !== undefined) room.ui.setState({ healthTab: tab });
const part = SETTINGS_PARTS.find((name) => name === variant);
if (screenName === 'settings' && part !== undefined) room.ui.setState({ settingsPart: part });
followTheme(room, window);
listenForShortcuts(room, window);

const root = document.getElementById('root');
if (root === null) throw new Error('visual.html has no element with the id "root"');
createRoot(root).render(
  <RoomContext value={room}>
    <App />
  </RoomContext>,
);
