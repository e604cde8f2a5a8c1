import { dirname, join, resolve } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  Notification,
  nativeImage,
  protocol,
  screen,
  session,
  shell,
  Tray,
} from 'electron';
import type { PageMessage, ShellTarget } from '../contract/shell.ts';
import { createMemoryPair } from '../contract/wire/memoryChannel.ts';
import { findLiveEngine } from './core/lease/engineInfo.ts';
import { makeWay } from './core/lease/makeWay.ts';
import { APP_SCHEME, prepareApp, readLaunch } from './electron/app.ts';
import { createPageHandler } from './electron/appProtocol.ts';
import { startBackgroundEngine } from './electron/backgroundEngine.ts';
import { createProjectClosing } from './electron/closeProject.ts';
import { LINK_SCHEME, parseDeepLink } from './electron/deepLinks.ts';
import { createDesktop, type OpenProject } from './electron/desktop.ts';
import { embedEngine } from './electron/embedEngine.ts';
import { createEngineHost, type EngineHost } from './electron/engineHost.ts';
import { openExternalLink } from './electron/externalLinks.ts';
import { AMBER, BLACK, drawIcon, toBitmap } from './electron/iconDrawing.ts';
import { readJson, saveJson } from './electron/jsonFile.ts';
import { findKnownProject } from './electron/knownProjects.ts';
import { createNotifier, type Notifier } from './electron/notifications.ts';
import { bridgePorts } from './electron/portBridge.ts';
import { pickProject, readyProject, resolveProject } from './electron/projectPicker.ts';
import { type QuitRoom, quitRooms } from './electron/quit.ts';
import { parseRecent, projectReference, rememberProject } from './electron/recentProjects.ts';
import { createRoomMenu, type RoomMenu } from './electron/roomMenu.ts';
import { secureContents, secureSession } from './electron/sessionSecurity.ts';
import { createTerminalWindows } from './electron/terminalWindows.ts';
import { createRoomTray, type RoomTray } from './electron/tray.ts';
import { countWorking, trayModel, zoneOf } from './electron/trayRules.ts';
import { openWallboard } from './electron/wallboard.ts';
import { openRoomWindow, type RoomWindow } from './electron/window.ts';
import { parseWindowState } from './electron/windowRules.ts';
import { systemClock } from './platform/clock.ts';
import { canLoadStores } from './platform/nodeApiGuard.ts';
import { projectKey } from './platform/projectSockets.ts';
import { nodeScheduler } from './platform/scheduler.ts';
import { connectSocket } from './platform/socketChannel.ts';

const DIST = dirname(import.meta.dirname);
const NAME = 'overstory-control-room';
/** Milliseconds between the page's load and the tray, which takes some 40 to draw. */
const TRAY_AFTER_MS = 500;
/** Title of the room's window, with the project in front. */
const windowTitle = (projectRoot: string | null): string =>
  projectRoot === null ? TITLE : `${projectReference(projectRoot).name} · ${TITLE}`;
const TITLE = 'Overstory Control Room';

app.setName(NAME);
if (!app.commandLine.hasSwitch('user-data-dir')) app.setPath('userData', join(app.getPath('appData'), NAME));
const first = prepareApp(app, protocol);
if (first) start();
else app.exit(0);

function start(): void {
  const statePath = join(app.getPath('userData'), 'window.json');
  const recentPath = join(app.getPath('userData'), 'recent-projects.json');
  // Read while Electron gets ready: the window waits for nothing then.
  const remembered = Promise.all([readJson(statePath), readJson(recentPath)]);
  // Without a word of ours Electron makes a menu of its own first, only for it to be replaced.
  Menu.setApplicationMenu(null);
  const ourContents = new Set<number>();
  /** Pages that may only watch: the wallboard's. */
  const watchers = new Set<number>();
  let wallboard: BrowserWindow | null = null;
  let theme: 'dark' | 'light' = 'dark';
  let roomWindow: RoomWindow | null = null;
  let tray: RoomTray | null = null;
  let menu: RoomMenu | null = null;
  let recent: readonly string[] = [];
  let quitting: 'no' | 'asking' | 'yes' = 'no';

  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const icons = new Map<boolean, Electron.NativeImage>();
  const icon = (badge: boolean): Electron.NativeImage => {
    const drawn = icons.get(badge);
    if (drawn !== undefined) return drawn;
    const template = process.platform === 'darwin';
    const size = template ? 44 : 64;
    const bitmap = Buffer.from(toBitmap(drawIcon(size, template ? BLACK : AMBER, badge)));
    const image = nativeImage.createFromBitmap(bitmap, { width: size, height: size, scaleFactor: template ? 2 : 1 });
    if (template) image.setTemplateImage(true);
    icons.set(badge, image);
    return image;
  };

  /** A face asked an embedded engine to end: agents go on under the pty host, the desktop leaves without a question. */
  const shutDown = async (projectRoot: string): Promise<void> => {
    if (desktop.front?.host.projectRoot !== projectRoot) return desktop.drop(projectRoot);
    quitting = 'yes';
    desktop.closeWatches();
    await Promise.all([...desktop.projects.values()].map(({ host }) => host.close()));
    tray?.destroy();
    app.quit();
  };

  const createHost = (projectRoot: string): EngineHost =>
    createEngineHost(
      {
        makeWay,
        findLiveEngine,
        connectSocket,
        createMemoryPair,
        canEmbed: canLoadStores,
        embed: (root) => embedEngine(root, () => void shutDown(root)),
        startBackground: startBackgroundEngine,
        scheduler: nodeScheduler,
      },
      projectRoot,
    );

  /** How a project is left, at quitting or by itself. */
  const roomOf = ({ host, watch }: OpenProject): Omit<QuitRoom, 'letGo'> => ({
    link: () => host.link,
    working: () =>
      Object.values(watch.room?.agents ?? {})
        .filter((agent) => zoneOf(agent.status) === 'working')
        .map((agent) => agent.name),
    stopAgents: async (names) => {
      for (const agentName of names) {
        const stopped = await watch.client.call('agents.stop', { agentName });
        if (!stopped.ok) say(stopped.error.message);
      }
    },
    endEngine: async () => {
      const ended = await watch.client.call('engine.shutdown', { reason: 'the desktop was closed' });
      // An engine that went before it could answer did what it was asked for.
      if (!ended.ok && ended.error.tag !== 'unavailable') say(ended.error.message);
    },
    startBackground: startBackgroundEngine,
    say,
  });
  /** Lets go of every open project; asks while agents work. */
  const leave = async (): Promise<boolean> => {
    const may = await quitRooms(
      dialog,
      [...desktop.projects.values()].map((project) => ({
        ...roomOf(project),
        letGo: async () => project.host.link?.close(),
      })),
    );
    if (may) await closing.settled();
    return may;
  };

  const updateTray = (): void => {
    const { front } = desktop;
    tray?.update(
      trayModel({
        projectName: front === null ? null : projectReference(front.host.projectRoot).name,
        agents: front?.watch.room?.agents ?? {},
        attention: desktop.attention,
        paused: front?.watch.paused ?? false,
      }),
    );
  };
  const notifiers = new Map<string, Notifier>();
  const desktop = createDesktop({
    createHost,
    scheduler: nodeScheduler,
    onRoom(projectRoot, room) {
      updateTray();
      if (projectRoot === null || room === null) return;
      const notifier = notifiers.get(projectRoot) ?? notifierOf(projectRoot);
      notifiers.set(projectRoot, notifier);
      notifier.update(room);
    },
    onProject(projectRoot, instead) {
      // Their terminals belong to the project that was in front.
      terminalWindows.closeAll();
      if (instead && roomWindow?.window.isDestroyed() === false) roomWindow.window.webContents.reload();
      if (roomWindow?.window.isDestroyed() === false) roomWindow.window.setTitle(windowTitle(projectRoot));
      if (projectRoot === null) {
        // Nothing is left that a wall could show.
        if (wallboard?.isDestroyed() === false) wallboard.close();
        return;
      }
      recent = rememberProject(recent, projectRoot);
      saveJson(recentPath, recent);
      desktop.setRecent(recent);
    },
  });

  const closing = createProjectClosing({
    dialog,
    desktop,
    roomOf,
    onClosed: (projectRoot) => notifiers.delete(projectRoot),
  });

  const show = (target: ShellTarget | null): void => {
    if (roomWindow === null || roomWindow.window.isDestroyed()) reopenWindow();
    else roomWindow.focus();
    if (target !== null) desktop.navigate(target);
  };
  const inFront = (projectRoot: string): boolean => desktop.front?.host.projectRoot === projectRoot;
  /** Every open project rings by itself; a click brings it to the front first. */
  const notifierOf = (projectRoot: string): Notifier => {
    const openAt = (target: ShellTarget): void => {
      desktop.open(projectRoot);
      show(target);
    };
    return createNotifier({
      Notification,
      clock: systemClock,
      prefix: () => (inFront(projectRoot) ? '' : `${projectReference(projectRoot).name}: `),
      isLooking: () =>
        inFront(projectRoot) &&
        roomWindow !== null &&
        !roomWindow.window.isDestroyed() &&
        roomWindow.window.isFocused(),
      open: openAt,
      answer: (id, answer) => {
        const call = desktop.projects.get(projectRoot)?.watch.client.call('attention.answer', { id, answer });
        void call?.then((answered) => {
          if (!answered.ok) openAt({ screen: 'fleet', attentionId: id });
        });
      },
    });
  };

  const openProject = async (named: string | null, then?: string): Promise<void> => {
    const window = roomWindow?.window;
    const path = named ?? (window === undefined || window.isDestroyed() ? null : await pickProject(dialog, window));
    if (path === null) return;
    const found = await resolveProject(path);
    if (!found.ok) {
      await dialog.showMessageBox({ type: 'warning', message: found.error.message });
      return;
    }
    const root = await readyProject(dialog, found.value);
    if (root === null) return;
    // Opened again while it is still being closed: its engine lets go of it first.
    await closing.settled(root);
    desktop.open(root);
    if (then !== undefined) desktop.tell({ type: 'action', action: then });
  };

  const openDemo = async (): Promise<void> => {
    desktop.setMakingDemo(true);
    const { createDemo } = await import('./core/demo/demoProject.ts');
    const made = await createDemo();
    desktop.setMakingDemo(false);
    if (made.ok) desktop.open(made.value.root);
    else await dialog.showMessageBox({ type: 'warning', message: made.error.message });
  };

  const terminalWindows = createTerminalWindows({
    BrowserWindow,
    preload: join(DIST, 'preload', 'index.cjs'),
    packaged: app.isPackaged,
    theme: () => theme,
    onContents: (id) => ourContents.add(id),
    onClosed: (id) => ourContents.delete(id),
  });

  const showWallboard = (): void => {
    if (wallboard !== null && !wallboard.isDestroyed()) {
      wallboard.focus();
      return;
    }
    wallboard = openWallboard({
      BrowserWindow,
      preload: join(DIST, 'preload', 'index.cjs'),
      packaged: app.isPackaged,
      theme,
      onContents(id) {
        ourContents.add(id);
        watchers.add(id);
      },
      onClosed(id) {
        ourContents.delete(id);
        watchers.delete(id);
      },
    });
  };

  const onPageMessage = (message: PageMessage): void => {
    switch (message.type) {
      case 'theme':
        theme = message.theme;
        roomWindow?.setTheme(message.theme);
        return;
      case 'openExternal':
        void openExternalLink({ shell, dialog }, message.url, message.source);
        return;
      case 'openProject':
        void openProject(null, message.action);
        return;
      case 'openRecent':
        // Only what was opened on this machine before: the page names no folders of its own.
        void findKnownProject(projectKey(message.root), recent).then((root) => {
          if (root !== null) void openProject(root);
        });
        return;
      case 'closeProject':
        if (desktop.front !== null) void closing.close(desktop.front.host.projectRoot);
        return;
      case 'openDemo':
        void openDemo();
        return;
      case 'popOutTerminal':
        terminalWindows.show(message.terminalId);
        return;
      case 'openWallboard':
        showWallboard();
        return;
      case 'actions':
        menu?.publish(message.actions);
        return;
    }
  };

  const reopenWindow = (): void => void readJson(statePath).then(openWindow);
  function openWindow(state: unknown): void {
    roomWindow = openRoomWindow(
      {
        app,
        BrowserWindow,
        screen,
        dialog,
        clock: systemClock,
        preload: join(DIST, 'preload', 'index.cjs'),
        save: (state) => saveJson(statePath, state),
        onCloseRequest: () => {
          const working = [...desktop.projects.values()].some(
            ({ watch }) => countWorking(watch.room?.agents ?? {}) > 0,
          );
          return quitting === 'no' && tray !== null && working ? 'hide' : 'close';
        },
      },
      parseWindowState(state),
    );
    const { id } = roomWindow.window.webContents;
    ourContents.add(id);
    roomWindow.window.once('closed', () => {
      ourContents.delete(id);
      menu?.publish([]);
      terminalWindows.closeAll();
    });
    if (desktop.front !== null) roomWindow.window.setTitle(windowTitle(desktop.front.host.projectRoot));
  }

  const handleLink = async (link: string): Promise<void> => {
    const parsed = parseDeepLink(link);
    if (parsed === null) return;
    if (parsed.project !== null) {
      const root = await findKnownProject(parsed.project, [...desktop.projects.keys(), ...recent]);
      // A link to a project that nobody opened here leads nowhere: the room comes to the front as it is.
      if (root === null) return show(null);
      await openProject(root);
    }
    show(parsed.target);
  };

  secureContents(app, (address) => void openExternalLink({ shell, dialog }, address, 'interface'));
  bridgePorts({
    ipcMain,
    ourContents,
    onRoom: (channel, { id }) => desktop.servePage(channel, watchers.has(id) ? 'read' : undefined),
    onShell: (port, { id }) => {
      if (!watchers.has(id) && !terminalWindows.has(id)) desktop.adoptPort(port);
    },
    onPageMessage: (message, { id }) => {
      // A terminal's window opens links, which are asked about, and nothing else.
      if (watchers.has(id) || (terminalWindows.has(id) && message.type !== 'openExternal')) return;
      onPageMessage(message);
    },
  });
  app.on('second-instance', (_event, argv, workingDirectory) => {
    show(null);
    const launch = readLaunch(argv, app.isPackaged);
    if (launch.link !== null) void handleLink(launch.link);
    else if (launch.path !== null) void openProject(resolve(workingDirectory, launch.path));
  });
  app.on('open-url', (event, link) => {
    event.preventDefault();
    void handleLink(link);
  });
  app.on('activate', () => show(null));
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', (event) => {
    if (quitting === 'yes') return;
    event.preventDefault();
    if (quitting === 'asking') return;
    quitting = 'asking';
    void leave().then((may) => {
      quitting = may ? 'yes' : 'no';
      if (!may) {
        // Staying needs a window to stay in: the last one may be gone already.
        if (roomWindow?.window.isDestroyed() === true) reopenWindow();
        return;
      }
      desktop.closeWatches();
      tray?.destroy();
      app.quit();
    });
  });

  void app.whenReady().then(async () => {
    secureSession(session.defaultSession);
    protocol.handle(APP_SCHEME, createPageHandler(join(DIST, 'renderer')));
    const [state, opened] = await remembered;
    recent = parseRecent(opened);
    openWindow(state);
    // In the same breath as the window: its page publishes its actions as soon as it is there.
    menu = createRoomMenu({
      Menu,
      platform: process.platform,
      packaged: app.isPackaged,
      openProject: () => void openProject(null),
      act: (action, live) => desktop.tell({ type: 'action', action, ...(live ? { live } : {}) }),
      quit: () => app.quit(),
    });
    if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
    // A page that has just loaded wants its ports and its snapshots, which come through here: the tray waits.
    roomWindow?.window.webContents.once('did-stop-loading', () => setTimeout(putIntoTray, TRAY_AFTER_MS));
    desktop.setRecent(recent);
    const launch = readLaunch(process.argv, app.isPackaged);
    if (launch.path !== null) await openProject(launch.path);
    else if (recent[0] !== undefined) {
      // The last project, unless it is gone: a start without a wish is no occasion for an error.
      const last = await resolveProject(recent[0]);
      if (last.ok && last.value.initialised) desktop.open(last.value.root);
    }
    if (launch.link !== null) void handleLink(launch.link);
  });

  function putIntoTray(): void {
    if (quitting === 'yes') return;
    tray = createRoomTray({
      app,
      Tray,
      Menu,
      icon,
      open: show,
      setPaused(paused) {
        // The page's action tells what it did; without a page, or when it knows otherwise, the engine is told directly.
        const isPaused = desktop.front?.watch.paused ?? false;
        if (paused !== isPaused && menu?.act('fleet.pause', true) === true) return;
        void desktop.front?.watch.client.call('fleet.pause', { paused });
      },
      quit: () => app.quit(),
    });
    updateTray();
  }
}
