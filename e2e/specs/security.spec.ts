import { describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { attentionItem, goTo, openFolder, taskCard, terminalOf, threadRow } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

/** Markup, an escape sequence that sets a window title, one that hides text, and an override of the writing direction. */
const HOSTILE =
  '<img src=x onerror="window.pwned=1"><b>bold</b> \u001b]0;pwned\u0007\u001b[8mhidden\u001b[0m \u202Egnp.exe';
/** The part of it that a person must see as it is written. */
const SEEN = '<img src=x onerror="window.pwned=1"><b>bold</b>';

// Raw requests to the browser room are tested in main/server; pages of other servers and the desktop's own rules in the specs of
// those faces.
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
});
