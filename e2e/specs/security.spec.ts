import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ElectronFace, launchElectron } from '../support/electronFace.ts';
import { currentFace } from '../support/faces.ts';
import { attentionItem, goTo, openFolder, taskCard, terminalOf, threadRow } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

/** Markup, an escape sequence that sets a window title, one that hides text, and an override of the writing direction. */
const HOSTILE =
  '<img src=x onerror="window.pwned=1"><b>bold</b> \u001b]0;pwned\u0007\u001b[8mhidden\u001b[0m \u202Egnp.exe';
/** The part of it that a person must see as it is written. */
const SEEN = '<img src=x onerror="window.pwned=1"><b>bold</b>';

// Raw requests to the browser room are tested in main/server; the desktop's own rules in desktopShell.spec.ts.
describe(`text of agents in ${currentFace()}`, () => {
  const stage = useStage();
  const staysText = async (): Promise<void> => {
    const found = await stage.page.evaluate(() => ({
      pwned: 'pwned' in window,
      images: document.querySelectorAll('img, b > b, iframe, object, embed').length,
      inline: [...document.scripts].filter((script) => script.src === '').length,
      title: document.title,
    }));
    expect(found).toMatchObject({ pwned: false, images: 0, inline: 0 });
    expect(found.title).not.toContain('pwned');
  };

  test('stays text on every screen', async () => {
    const { page, repository } = stage;
    await repository.ov('task', 'create', HOSTILE, '--id', 'task-evil');
    await repository.sling('evil', {
      start: [
        { say: `Said: ${HOSTILE}` },
        { write: { path: '<b>file</b>.txt', content: HOSTILE } },
        { run: { command: "printf '<img src=x onerror=alert(1)>\\033]0;pwned\\007'" } },
        { ask: { subject: `Asked: ${HOSTILE}`, question: HOSTILE, options: [HOSTILE, 'no'] } },
      ],
    });
    const item = attentionItem(page, `Asked: ${SEEN}`);
    await item.getByRole('button', { name: SEEN }).waitFor();
    // Overrides of the writing direction are named instead of obeyed.
    await item.getByText('‹RLO›').first().waitFor();
    await staysText();

    await goTo(page, 'Mail');
    await openFolder(page, 'All mail');
    await threadRow(page, `Asked: ${SEEN}`).click();
    await page.getByRole('region', { name: 'Thread' }).getByText(SEEN).first().waitFor();
    await staysText();

    await goTo(page, 'Board');
    await taskCard(page, SEEN).waitFor();
    await staysText();

    await goTo(page, 'Timeline');
    await page.getByRole('listbox', { name: 'Events' }).getByText(`Said: ${SEEN}`).first().waitFor();
    await staysText();

    await goTo(page, 'Terminals');
    await expect
      .poll(async () => (await terminalOf(page, 'evil').innerText()).replaceAll(/\s/g, ''))
      .toContain(SEEN.replaceAll(' ', ''));
    await staysText();

    await goTo(page, 'Fleet');
    await item.getByRole('button', { name: SEEN }).click();
    await item.waitFor({ state: 'detached' });
    await staysText();
  });

  test('the session is known to this tab only: no cookie, nothing in lasting storage', async () => {
    const { page } = stage;
    expect(await page.context().cookies()).toEqual([]);
    const kept = await page.evaluate(() => ({
      secret: sessionStorage.getItem('overstory.session'),
      lasting: JSON.stringify(Object.entries(localStorage)),
    }));
    if (stage.room.face === 'electron') expect(kept.secret).toBeNull();
    else {
      expect(kept.secret).toMatch(/^[\w-]{43}$/);
      expect(kept.lasting).not.toContain(kept.secret);
    }
  });

  test.runIf(currentFace() === 'chromium')('a page of another local server reaches nothing', async () => {
    const room = new URL(stage.page.url());
    const other = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>A dev server an agent started</p>');
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const context = await stage.page.context().browser()?.newContext();
    if (context === undefined) throw new Error('the browser is gone');
    try {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
      const reached = await page.evaluate(async (host) => {
        const socket = await new Promise<string>((resolve) => {
          const opened = new WebSocket(`ws://${host}/ws`);
          opened.onopen = () => resolve('open');
          opened.onerror = () => resolve('refused');
        });
        const read = await fetch(`http://${host}/healthz`).then(
          () => 'read',
          () => 'refused',
        );
        const frame = document.createElement('iframe');
        frame.src = `http://${host}/`;
        const loaded = new Promise((resolve) => {
          frame.onload = resolve;
        });
        document.body.append(frame);
        await loaded;
        return { socket, read };
      }, room.host);
      expect(reached).toEqual({ socket: 'refused', read: 'refused' });
      // A refused frame still loads: with the refusal in it, or with an error page of the browser's own.
      for (const frame of page.frames().slice(1)) expect(await frame.content()).not.toContain('Overstory');
    } finally {
      await context.close();
      other.close();
    }
  });
});

describe.runIf(currentFace() === 'electron')('ports of the desktop', () => {
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
