import './zodSetup.ts';
import '../styles/fonts.css';
import '../styles/tokens.css';
import '../styles/base.css';
import { createRoot } from 'react-dom/client';
import { agentActions } from '../actions/agentActions.tsx';
import { roomActions } from '../actions/roomActions.tsx';
import { listenForShortcuts } from '../actions/shortcuts.ts';
import { browserRoute } from '../client/browserSession.ts';
import { createDesktop } from '../client/desktop.ts';
import { createRoomLink } from '../client/link.ts';
import { TerminalWindow } from '../features/terminals/TerminalWindow.tsx';
import { windowActions } from '../features/terminals/terminalActions.tsx';
import {
  borrowedStorage,
  followTerminalWindows,
  holdTerminal,
  pageParts,
  showAlone,
  terminalOfPage,
} from '../features/terminals/terminalWindows.ts';
import { pageClockSource } from '../stores/clock.ts';
import { RoomContext } from '../stores/hooks.ts';
import { createRoom } from '../stores/room.ts';
import { App } from './App.tsx';
import { drawWhenKnown } from './firstPaint.ts';
import { publishActions } from './menuActions.ts';
import { pageScheduler, pageStorage } from './page.ts';
import { screenActions } from './screens.tsx';
import { followMotion, followTheme } from './theme.ts';
import { isWallboard } from './view.ts';
import { WallApp } from './WallApp.tsx';
import { followWishes } from './wishes.ts';

const scheduler = pageScheduler();
const wallboard = isWallboard(window);
const desktop = window.shell?.kind === 'desktop' ? createDesktop(window.shell, window, scheduler) : null;
const route =
  desktop?.route ??
  browserRoute({
    location,
    history,
    sessionStorage,
    fetch: (path, init) => fetch(path, { ...init, credentials: 'omit' }),
  });
/** The one terminal this window shows, or null for the whole room. */
const alone = terminalOfPage(location.search);
const storage = alone === null ? pageStorage() : borrowedStorage(pageStorage());
const room = createRoom({
  link: createRoomLink(route, scheduler, wallboard ? 'read' : undefined),
  desktop,
  storage,
  clockSource: pageClockSource(),
  after: scheduler.after,
});
followTheme(room, window);
followMotion(room, document);
// The wallboard has nothing to press: no action, no shortcut, and nothing the shell could ask of it.
if (!wallboard) {
  if (alone === null) {
    room.actions.register([...roomActions, ...agentActions, ...screenActions]);
    followWishes(room);
    publishActions(room, window, scheduler.after);
    followTerminalWindows(room, pageParts());
  } else {
    room.actions.register([...agentActions, ...windowActions]);
    showAlone(room, alone, storage, window);
    holdTerminal(alone, pageParts(), () => window.close());
  }
  listenForShortcuts(room, window);
}
// The address `#gallery` opens the component gallery, which needs no engine.
if (location.hash === '#gallery') room.ui.setState({ galleryOpen: true });

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root"');
const surface = createRoot(root);
drawWhenKnown(room, scheduler.after, () =>
  surface.render(
    <RoomContext value={room}>
      {wallboard ? <WallApp /> : alone === null ? <App /> : <TerminalWindow id={alone} />}
    </RoomContext>,
  ),
);
