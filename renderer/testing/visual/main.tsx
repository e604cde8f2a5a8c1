import '../../app/zodSetup.ts';
import '../../styles/fonts.css';
import '../../styles/tokens.css';
import '../../styles/base.css';
import { createRoot } from 'react-dom/client';
import { openTerminal } from '../../actions/navigation.ts';
import { listenForShortcuts } from '../../actions/shortcuts.ts';
import { App } from '../../app/App.tsx';
import { followTheme } from '../../app/theme.ts';
import { RoomContext } from '../../stores/hooks.ts';
import { SCREENS } from '../../stores/preferences.ts';
import { sampleRoom } from './sampleRoom.ts';

/*
 * The page that pictures are taken of: the real room over a played engine with a clock that stands still. Its address
 * says what it shows: `#scene=mail&theme=light`, where a scene is a screen, `gallery`, or a screen with `-empty`.
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
followTheme(room, window);
listenForShortcuts(room, window);

const root = document.getElementById('root');
if (root === null) throw new Error('visual.html has no element with the id "root"');
createRoot(root).render(
  <RoomContext value={room}>
    <App />
  </RoomContext>,
);
