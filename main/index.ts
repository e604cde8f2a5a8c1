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
import { LINK_SCHEME, parseDeepLink } from './electron/deepLinks.ts';
import { createDesktop } from './electron/desktop.ts';
import { embedEngine } from './electron/embedEngine.ts';
import { createEngineHost, type EngineHost } from './electron/engineHost.ts';
import { openExternalLink } from './electron/externalLinks.ts';
import { AMBER, BLACK, drawIcon, toBitmap } from './electron/iconDrawing.ts';
import { readJson, saveJson } from './electron/jsonFile.ts';
import { menuTemplate } from './electron/menu.ts';
import { createNotifier } from './electron/notifications.ts';
import { bridgePorts } from './electron/portBridge.ts';
import { pickProject, readyProject, resolveProject } from './electron/projectPicker.ts';
import { quitRoom } from './electron/quit.ts';
import { parseRecent, projectReference, rememberProject } from './electron/recentProjects.ts';
import { secureContents, secureSession } from './electron/sessionSecurity.ts';
import { createRoomTray, type RoomTray } from './electron/tray.ts';
import { countWorking, trayModel, zoneOf } from './electron/trayRules.ts';
import { openRoomWindow, type RoomWindow } from './electron/window.ts';
import { parseWindowState } from './electron/windowRules.ts';
import { systemClock } from './platform/clock.ts';
import { canLoadStores } from './platform/nodeApiGuard.ts';
import { nodeScheduler } from './platform/scheduler.ts';
import { connectSocket } from './platform/socketChannel.ts';

const DIST = dirname(import.meta.dirname);
const NAME = 'overstory-control-room';

app.setName(NAME);
if (!app.commandLine.hasSwitch('user-data-dir')) app.setPath('userData', join(app.getPath('appData'), NAME));
const first = prepareApp(app, protocol);
if (first) start();
else app.exit(0);

function start(): void {
  const statePath = join(app.getPath('userData'), 'window.json');
  const recentPath = join(app.getPath('userData'), 'recent-projects.json');
  const ourContents = new Set<number>();
  let roomWindow: RoomWindow | null = null;
  let tray: RoomTray | null = null;
  let recent: readonly string[] = [];
  let quitting: 'no' | 'asking' | 'yes' = 'no';

  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const icon = (badge: boolean): Electron.NativeImage => {
    const template = process.platform === 'darwin';
    const size = template ? 44 : 64;
    const bitmap = Buffer.from(toBitmap(drawIcon(size, template ? BLACK : AMBER, badge)));
    const image = nativeImage.createFromBitmap(bitmap, { width: size, height: size, scaleFactor: template ? 2 : 1 });
    if (template) image.setTemplateImage(true);
    return image;
  };

  /** A face asked the embedded engine to end: agents go on under the pty host, the desktop leaves without a question. */
  const shutDown = async (): Promise<void> => {
    quitting = 'yes';
    desktop.closeWatch();
    await desktop.host?.close();
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
        embed: (root) => embedEngine(root, () => void shutDown()),
        startBackground: startBackgroundEngine,
        scheduler: nodeScheduler,
      },
      projectRoot,
    );

  /** Lets go of a project with the care that quitting takes. */
  const leave = (host: EngineHost): Promise<boolean> =>
    quitRoom({
      dialog,
      link: () => host.link,
      working: () =>
        Object.values(desktop.room?.agents ?? {})
          .filter((agent) => zoneOf(agent.status) === 'working')
          .map((agent) => agent.name),
      stopAgents: async (names) => {
        for (const agentName of names) {
          const stopped = await desktop.watch?.client.call('agents.stop', { agentName });
          if (stopped?.ok === false) say(stopped.error.message);
        }
      },
      endEngine: async () => {
        const ended = await desktop.watch?.client.call('engine.shutdown', { reason: 'the desktop was closed' });
        // An engine that went before it could answer did what it was asked for.
        if (ended?.ok === false && ended.error.tag !== 'unavailable') say(ended.error.message);
      },
      startBackground: startBackgroundEngine,
      say,
    });

  const desktop = createDesktop({
    createHost,
    scheduler: nodeScheduler,
    leave,
    onRoom(room, paused) {
      const attention = room === null ? 0 : Object.keys(room.attention).length;
      const root = desktop.host?.projectRoot;
      tray?.update(
        trayModel({
          projectName: root === undefined ? null : projectReference(root).name,
          agents: room?.agents ?? {},
          attention,
          paused,
        }),
      );
      if (room !== null) notifier.update(room);
    },
    onProject(projectRoot) {
      notifier.reset();
      const title = projectRoot === null ? '' : `${projectReference(projectRoot).name} · `;
      roomWindow?.window.setTitle(`${title}Overstory Control Room`);
      if (projectRoot === null) return;
      recent = rememberProject(recent, projectRoot);
      saveJson(recentPath, recent);
      desktop.setRecent(recent);
    },
  });

  const show = (target: ShellTarget | null): void => {
    if (roomWindow === null || roomWindow.window.isDestroyed()) void openWindow();
    else roomWindow.focus();
    if (target !== null) desktop.navigate(target);
  };
  const notifier = createNotifier({
    Notification,
    clock: systemClock,
    isLooking: () => roomWindow !== null && !roomWindow.window.isDestroyed() && roomWindow.window.isFocused(),
    open: show,
    answer: (id, answer) => {
      void desktop.watch?.client.call('attention.answer', { id, answer }).then((answered) => {
        if (!answered.ok) show({ screen: 'fleet', attentionId: id });
      });
    },
  });

  const openProject = async (named: string | null): Promise<void> => {
    const window = roomWindow?.window;
    const path = named ?? (window === undefined || window.isDestroyed() ? null : await pickProject(dialog, window));
    if (path === null) return;
    const found = await resolveProject(path);
    if (!found.ok) {
      await dialog.showMessageBox({ type: 'warning', message: found.error.message });
      return;
    }
    const root = await readyProject(dialog, found.value);
    if (root !== null) await desktop.open(root);
  };

  const onPageMessage = (message: PageMessage): void => {
    switch (message.type) {
      case 'theme':
        roomWindow?.setTheme(message.theme);
        return;
      case 'openExternal':
        void openExternalLink({ shell, dialog }, message.url, message.source);
        return;
      case 'openProject':
        void openProject(null);
        return;
      case 'openRecent':
        // Only what a person opened here before: the page names no folders of its own.
        if (recent.includes(message.root)) void openProject(message.root);
        return;
    }
  };

  async function openWindow(): Promise<void> {
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
          const working = countWorking(desktop.room?.agents ?? {}) > 0;
          return quitting === 'no' && tray !== null && working ? 'hide' : 'close';
        },
      },
      parseWindowState(await readJson(statePath)),
    );
    const { id } = roomWindow.window.webContents;
    ourContents.add(id);
    roomWindow.window.once('closed', () => ourContents.delete(id));
    if (desktop.host !== null)
      roomWindow.window.setTitle(`${projectReference(desktop.host.projectRoot).name} · Overstory Control Room`);
  }

  const handleLink = (link: string): void => {
    const target = parseDeepLink(link);
    if (target !== null) show(target);
  };

  secureContents(app, (address) => void openExternalLink({ shell, dialog }, address, 'interface'));
  bridgePorts({
    ipcMain,
    ourContents,
    onRoom: (channel) => desktop.servePage(channel),
    onShell: (port) => desktop.adoptPort(port),
    onPageMessage,
  });
  app.on('second-instance', (_event, argv, workingDirectory) => {
    show(null);
    const launch = readLaunch(argv, app.isPackaged);
    if (launch.link !== null) handleLink(launch.link);
    else if (launch.path !== null) void openProject(resolve(workingDirectory, launch.path));
  });
  app.on('open-url', (event, link) => {
    event.preventDefault();
    handleLink(link);
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
    const { host } = desktop;
    void (host === null ? Promise.resolve(true) : leave(host)).then((may) => {
      quitting = may ? 'yes' : 'no';
      if (!may) {
        // Staying needs a window to stay in: the last one may be gone already.
        if (roomWindow?.window.isDestroyed() === true) void openWindow();
        return;
      }
      desktop.closeWatch();
      tray?.destroy();
      app.quit();
    });
  });

  void app.whenReady().then(async () => {
    secureSession(session.defaultSession);
    protocol.handle(APP_SCHEME, createPageHandler(join(DIST, 'renderer')));
    if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
    recent = parseRecent(await readJson(recentPath));
    await openWindow();
    Menu.setApplicationMenu(
      Menu.buildFromTemplate(
        menuTemplate(
          {
            openProject: () => void openProject(null),
            navigate: (target) => desktop.navigate(target),
            act: (action) => desktop.tell({ type: 'action', action }),
            quit: () => app.quit(),
          },
          process.platform,
          app.isPackaged,
        ),
      ),
    );
    tray = createRoomTray({
      app,
      Tray,
      Menu,
      icon,
      open: show,
      setPaused: (paused) => void desktop.watch?.client.call('fleet.pause', { paused }),
      quit: () => app.quit(),
    });
    tray?.update(trayModel({ projectName: null, agents: {}, attention: 0, paused: false }));
    desktop.setRecent(recent);
    const launch = readLaunch(process.argv, app.isPackaged);
    if (launch.path !== null) await openProject(launch.path);
    else if (recent[0] !== undefined) {
      // The last project, unless it is gone: a start without a wish is no occasion for an error.
      const last = await resolveProject(recent[0]);
      if (last.ok && last.value.initialised) await desktop.open(last.value.root);
    }
    if (launch.link !== null) handleLink(launch.link);
  });
}
