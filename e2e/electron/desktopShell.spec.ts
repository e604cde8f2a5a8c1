import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ElectronFace, launchElectron } from '../support/electronFace.ts';
import { createRepository, type Repository } from '../support/repository.ts';

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; style-src-elem 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-src 'none'; frame-ancestors 'none'; object-src 'none'";

// What only the desktop has: its window, its preload, its rules (engineering.md 3.1).
describe('the desktop shell', () => {
  let room: ElectronFace;
  beforeAll(async () => {
    room = await launchElectron();
    await room.page.waitForLoadState('domcontentloaded');
  });
  afterAll(() => room?.close());

  test('shows one window with our page under our scheme', async () => {
    expect(room.page.url()).toBe('app://control/');
    const window = await room.app.evaluate(({ BrowserWindow }) => {
      const all = BrowserWindow.getAllWindows();
      return { count: all.length, title: all[0]?.getTitle(), visible: all[0]?.isVisible() };
    });
    expect(window).toEqual({ count: 1, title: 'Overstory Control Room', visible: true });
  });

  test('the window has the preferences of the checklist', async () => {
    const preferences = await room.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>;
      };
      return contents.getLastWebPreferences();
    });
    // Those that Electron reports; all of them are asserted in main/electron/windowRules.test.ts.
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      disableDialogs: true,
    });
  });

  test('the page sees window.shell with exactly four names, and no way to Electron or Node', async () => {
    const surface = await room.page.evaluate(() => {
      const scope = window as unknown as Record<string, unknown>;
      const shell = scope.shell as Record<string, unknown>;
      return {
        keys: Object.keys(shell),
        kind: shell.kind,
        functions: Object.values(shell).filter((value) => typeof value === 'function').length,
        leaks: ['require', 'process', 'module', 'ipcRenderer', 'electron', 'Buffer'].filter((name) => name in scope),
      };
    });
    expect(surface).toEqual({
      keys: ['kind', 'platform', 'versions', 'onPort'],
      kind: 'desktop',
      functions: 0,
      leaks: [],
    });
  });

  test('pages carry the policy as a header, and only known files of the renderer are served', async () => {
    const answers = await room.page.evaluate(async () => {
      const ask = async (path: string, method = 'GET') => {
        const response = await fetch(path, { method });
        return { status: response.status, policy: response.headers.get('content-security-policy') };
      };
      return {
        page: await ask('/'),
        head: await ask('/', 'HEAD'),
        post: await ask('/', 'POST'),
        traversal: await ask('/%2e%2e/main/electron.js'),
        encoded: await ask('/..%2fmain%2felectron.js'),
        absent: await ask('/absent.html'),
      };
    });
    expect(answers.page).toEqual({ status: 200, policy: CSP });
    expect(answers.head.status).toBe(200);
    expect(answers.post.status).toBe(405);
    expect([answers.traversal.status, answers.encoded.status, answers.absent.status]).toEqual([404, 404, 404]);
  });

  test('inline scripts and the network are refused', async () => {
    const outcome = await room.page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      document.head.append(script);
      const reached = await fetch('http://127.0.0.1:9/').then(
        () => true,
        () => false,
      );
      return { injected: 'injected' in window, reached };
    });
    expect(outcome).toEqual({ injected: false, reached: false });
  });

  test('the page cannot navigate away, open a window or hold a frame', async () => {
    const opened = await room.page.evaluate(() => {
      window.location.href = 'data:text/html,gone';
      return window.open('app://control/', '_blank') === null;
    });
    expect(opened).toBe(true);
    await room.page.evaluate(() => {
      const link = document.createElement('a');
      link.href = 'file:///etc/hostname';
      document.body.append(link);
      link.click();
      link.remove();
    });
    expect(room.page.url()).toBe('app://control/');
    expect(room.app.windows()).toHaveLength(1);
    expect(await room.page.evaluate(() => document.readyState)).toBe('complete');
  });

  test('permissions are refused but for the two we use', async () => {
    const permissions = await room.page.evaluate(async () => {
      const state = async (name: string) => (await navigator.permissions.query({ name: name as PermissionName })).state;
      const media = await navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => 'granted',
        (error: Error) => error.name,
      );
      return { location: await state('geolocation'), notifications: await state('notifications'), media };
    });
    expect(permissions).toEqual({
      location: 'denied',
      notifications: 'granted',
      media: expect.stringMatching(/Error$/),
    });
  });

  test('a question with a nonce brings two ports; the second one says which project is open', async () => {
    const hello = await room.page.evaluate(
      () =>
        new Promise<{ ports: number; message: unknown }>((resolve, reject) => {
          setTimeout(() => reject(new Error('no answer')), 60_000);
          window.addEventListener('message', (event) => {
            if (event.data?.type !== 'connected' || event.data.nonce !== 'spec') return;
            const port = event.ports[1];
            if (port === undefined) return reject(new Error('no second port'));
            port.onmessage = (message) => resolve({ ports: event.ports.length, message: JSON.parse(message.data) });
          });
          window.postMessage({ type: 'connect', nonce: 'spec' }, location.origin);
        }),
    );
    expect(hello).toEqual({
      ports: 2,
      message: { type: 'project', project: null, recent: [], problem: null, makingDemo: false },
    });
  });

  test('without a project the room port is closed with the reason', async () => {
    const reason = await room.page.evaluate(
      () =>
        new Promise<unknown>((resolve, reject) => {
          setTimeout(() => reject(new Error('still open')), 60_000);
          window.addEventListener('message', (event) => {
            if (event.data?.nonce !== 'closing' || event.data.type !== 'connected') return;
            const port = event.ports[0];
            if (port === undefined) return reject(new Error('no port'));
            port.onmessage = (message) => resolve(message.data);
          });
          window.postMessage({ type: 'connect', nonce: 'closing' }, location.origin);
        }),
    );
    expect(reason).toEqual({ farewell: 'no project is open' });
  });

  test('a crashed page is loaded again', async () => {
    const reloaded = room.app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<boolean>((resolve) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          contents?.once('did-finish-load', () => resolve(true));
          contents?.forcefullyCrashRenderer();
        }),
    );
    expect(await reloaded).toBe(true);
  });
});

// The second port: what menu, tray, notifications and links want of the page, and what the page wants of the shell.
describe('the page and its shell', () => {
  let repository: Repository;
  let room: ElectronFace;
  beforeAll(async () => {
    repository = await createRepository();
    room = await launchElectron();
  });
  afterAll(async () => {
    await room?.close();
    await repository?.remove();
  });

  test('without a project the page offers three ways in, and the first opens the folder dialogue', async () => {
    for (const name of ['Open a project', 'Start a coordinator', 'Run the rehearsal demo'])
      await room.page.getByRole('button', { name, exact: true }).waitFor();
    await room.app.evaluate(({ dialog }, root) => {
      // The system's dialogue cannot be pressed from here: this is the folder a person would choose in it.
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [root] });
    }, repository.root);
    await room.page.getByRole('button', { name: 'Open a project', exact: true }).click();
    await room.page.getByText('connection online').waitFor();
    const title = await room.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle());
    expect(title).toContain('Control Room');
  });

  /** What the menu shows of an action; null before the page has published it. */
  const entryOf = (id: string) =>
    room.app.evaluate(({ Menu }, entryId) => {
      const item = Menu.getApplicationMenu()?.getMenuItemById(entryId);
      if (item === null || item === undefined) return null;
      return { label: item.label, keys: item.accelerator ?? null, registered: item.registerAccelerator };
    }, `action:${id}`);
  const click = (id: string) =>
    room.app.evaluate(
      ({ Menu }, entryId) => Menu.getApplicationMenu()?.getMenuItemById(entryId)?.click(),
      `action:${id}`,
    );

  test('an entry of the menu acts in the page', async () => {
    await expect
      .poll(() => entryOf('palette.open'))
      .toEqual({
        label: 'Command palette',
        keys: 'CmdOrCtrl+K',
        registered: false,
      });
    await click('palette.open');
    await room.page.getByRole('dialog', { name: 'Command palette' }).waitFor();
    await room.page.keyboard.press('Escape');
    await room.page.getByRole('dialog', { name: 'Command palette' }).waitFor({ state: 'hidden' });
  });

  test('keys that a person changes show in the menu, and key and entry each run the action once', async () => {
    const theme = (name: string, keys: string | null) =>
      expect.poll(() => entryOf('view.theme')).toMatchObject({ label: `Theme: ${name} (change)`, keys });
    await theme('system', null);
    await click('view.keys');
    await room.page.getByRole('searchbox', { name: 'Find a command or its keys' }).fill('theme');
    await room.page.getByRole('button', { name: 'Change the keys of Theme: system (change)' }).click();
    await room.page.keyboard.press('Control+Alt+y');
    await theme('system', 'CmdOrCtrl+Alt+Y');
    await room.page.keyboard.press('Escape');
    await room.page.getByRole('searchbox', { name: 'Find a command or its keys' }).waitFor({ state: 'hidden' });
    await click('view.theme');
    await theme('dark', 'CmdOrCtrl+Alt+Y');
    await room.page.keyboard.press('Control+Alt+y');
    await theme('light', 'CmdOrCtrl+Alt+Y');
  });
});
