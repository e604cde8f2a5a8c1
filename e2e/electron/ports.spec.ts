import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ElectronFace, launchElectron } from '../support/electronFace.ts';

describe('ports of the desktop', () => {
  let desktop: ElectronFace;
  beforeAll(async () => {
    desktop = await launchElectron();
    await desktop.page.waitForLoadState('domcontentloaded');
  });
  afterAll(() => desktop?.close());

  test.each(['app://control/absent.html', 'data:text/html,<p>Not ours</p>'])(
    'none goes to a window that is not ours, such as one at %s',
    async (address) => {
      const got = await desktop.app.evaluate(async ({ BrowserWindow }, url) => {
        const ours = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
          getLastWebPreferences(): { preload: string };
        };
        const preferences = ours.getLastWebPreferences();
        const other = new BrowserWindow({
          show: false,
          webPreferences: { preload: preferences.preload, sandbox: true, contextIsolation: true },
        });
        try {
          // A page that is not served still loads, as an error page: enough for the preload to run in it.
          await other.loadURL(url).catch(() => undefined);
          return (await other.webContents.executeJavaScript(`new Promise((resolve) => {
          addEventListener('message', (event) => event.data?.nonce === 'foreign' && event.ports.length > 0 && resolve('a port'));
          postMessage({ type: 'connect', nonce: 'foreign' }, '*');
          setTimeout(() => resolve('nothing'), 700);
        })`)) as string;
        } finally {
          other.destroy();
        }
      }, address);
      expect(got).toBe('nothing');
    },
  );

  test('a frame inside the page is refused by the policy', async () => {
    const outcome = await desktop.page.evaluate(async () => {
      const violated = new Promise<string>((resolve) =>
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), {
          once: true,
        }),
      );
      const frame = document.createElement('iframe');
      frame.src = 'data:text/html,<p>inside</p>';
      document.body.append(frame);
      return await violated;
    });
    expect(outcome).toBe('frame-src');
  });
});
