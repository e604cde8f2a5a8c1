import { describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { goTo, treeItem } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

describe(`Timeline in ${currentFace()}`, () => {
  const stage = useStage();
  const events = () => stage.page.getByRole('listbox', { name: 'Events' });
  const lanes = () => stage.page.getByRole('application', { name: /^Lanes over time/ });
  const picture = (): Promise<string> =>
    stage.page.evaluate(() => document.querySelector('canvas')?.toDataURL() ?? 'no canvas');
  /** How many events the toolbar counts. */
  const count = async (): Promise<number> =>
    Number.parseInt(await stage.page.getByText(/^\d+ events?$/).innerText(), 10);

  test('without events it says what will be here', async () => {
    await goTo(stage.page, 'Timeline');
    await stage.page.getByText('Nothing has happened yet').waitFor();
  });

  test('every agent has a lane, and every event stands in words', async () => {
    const { page, repository } = stage;
    // First, because it stays: a run is over as soon as a look at it finds that all its agents have ended.
    await repository.sling('talker', { start: [{ say: 'I only talk.' }] });
    await repository.sling('writer', {
      start: [
        { say: 'I begin.' },
        { read: 'README.md' },
        { write: { path: 'a.txt', content: 'a' } },
        { commit: 'Write' },
        { taskDone: 'Written.' },
      ],
    });
    for (const name of ['writer', 'talker']) await page.getByRole('button', { name, exact: false }).first().waitFor();
    await events().getByRole('option').filter({ hasText: 'I begin.' }).first().waitFor();
    await events().getByRole('option').filter({ hasText: 'I only talk.' }).first().waitFor();
    await treeItem(page, 'talker').getByText('resting', { exact: true }).waitFor();
    await treeItem(page, 'writer').getByText('done', { exact: true }).waitFor();
    // The list holds only what is in sight.
    await events().focus();
    await page.keyboard.press('Home');
    for (const kind of ['turn', 'mail']) await events().getByText(kind, { exact: true }).first().waitFor();
    await page.keyboard.press('End');
    await events().getByText('turn end', { exact: true }).last().waitFor();
  });

  test('the chart zooms by wheel, buttons and keys', async () => {
    const { page } = stage;
    await page.getByRole('button', { name: 'Show all of it' }).click();
    await page.getByRole('button', { name: 'Follow now' }).waitFor();
    const changes = async (act: () => Promise<void>): Promise<void> => {
      const before = await picture();
      await act();
      await expect.poll(picture).not.toBe(before);
    };
    await expect.poll(picture).not.toBe('no canvas');
    await changes(() => page.getByRole('button', { name: 'Zoom in' }).click());
    await changes(() => page.getByRole('button', { name: 'Zoom out' }).click());
    await lanes().hover();
    await changes(() => page.mouse.wheel(0, -300));
    await lanes().focus();
    await changes(() => page.keyboard.press('-'));
    await changes(() => page.keyboard.press('ArrowLeft'));
    await changes(() => page.keyboard.press('PageUp'));
    await changes(() => page.keyboard.press('+'));
    await page.keyboard.press('End');
    await page.getByRole('button', { name: 'Following now' }).waitFor();
  });

  test('a stretch of time filters the list', async () => {
    const { page } = stage;
    await page.getByRole('button', { name: 'Show all of it' }).click();
    const all = await count();
    const newest = await events().getByRole('option').last().getAttribute('data-event');
    const listed = (id: string | null) => events().locator(`[data-event="${id}"]`);
    const box = await lanes().boundingBox();
    if (box === null) throw new Error('the chart is not on screen');
    const brush = async (from: number, to: number): Promise<void> => {
      await page.keyboard.down('Shift');
      await page.mouse.move(box.x + box.width * from, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * to, box.y + box.height / 2, { steps: 5 });
      await page.mouse.up();
      await page.keyboard.up('Shift');
    };
    const end = page.getByRole('button', { name: 'End the filter' });
    // All of it stands in the middle of the chart: the first event left of it, the newest right.
    await brush(0.001, 0.5);
    const filtered = Number.parseInt(/(\d+) event/.exec(await end.innerText())?.[1] ?? '', 10);
    expect(filtered).toBeGreaterThan(0);
    expect(filtered).toBeLessThan(all);
    await listed(newest).waitFor({ state: 'detached' });
    await end.click();
    await listed(newest).waitFor();
    // The edge before the first event.
    await brush(0.001, 0.01);
    await page.getByText('Nothing happened in that stretch of time.').waitFor();
    await end.click();
  });

  test('by keyboard, too: Shift with arrows stretches the filter, Escape ends it', async () => {
    const { page } = stage;
    await page.getByRole('button', { name: 'Show all of it' }).click();
    const all = await count();
    const end = page.getByRole('button', { name: 'End the filter' });
    const filtered = async (): Promise<number> =>
      Number.parseInt(/(\d+) event/.exec(await end.innerText())?.[1] ?? '', 10);
    await lanes().focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await end.waitFor();
    // It begins at the chosen event or in the middle, and grows to before the first one.
    const first = await filtered();
    let former = first;
    for (let press = 0; press < 24; press += 1) {
      await page.keyboard.press('Shift+ArrowLeft');
      const now = await filtered();
      expect(now).toBeGreaterThanOrEqual(former);
      former = now;
    }
    expect(former).toBeGreaterThan(first);
    expect(former).toBeLessThanOrEqual(all);
    await page.keyboard.press('Shift+ArrowRight');
    expect(await filtered()).toBeLessThanOrEqual(former);
    await page.keyboard.press('Escape');
    await end.waitFor({ state: 'detached' });
  });

  test('everything on the chart is reached by keys: a card, a word for a screen reader, Enter chooses, Escape closes', async () => {
    const { page } = stage;
    const card = page.getByTestId('timeline-card');
    const said = page.getByRole('status', { name: 'Thing on the timeline' });
    const chosen = events().getByRole('option', { selected: true });
    await page.getByRole('button', { name: 'Show all of it' }).click();
    await lanes().focus();
    await page.keyboard.press('ArrowRight');
    await card.waitFor();
    /** Goes on by a key until a screen reader hears that. */
    const walkTo = async (key: string, words: RegExp): Promise<void> => {
      for (let presses = 0; presses < 60; presses += 1) {
        if (words.test(await said.innerText())) return;
        await page.keyboard.press(key);
      }
      throw new Error(`${key} leads to no ${words}; the last thing: ${await said.innerText()}`);
    };
    const toFirst = async (): Promise<void> => {
      for (let presses = 0; presses < 40; presses += 1) await page.keyboard.press('ArrowLeft');
    };
    await walkTo('ArrowDown', /, talker, /);
    const before = await picture();
    await toFirst();
    const first = await said.innerText();
    expect(first).toContain('talker');
    await page.keyboard.press('ArrowLeft');
    expect(await said.innerText()).toBe(first);
    await expect.poll(picture).not.toBe(before);
    await page.keyboard.press('Enter');
    await expect.poll(() => treeItem(page, 'talker').getAttribute('aria-selected')).toBe('true');
    await expect.poll(() => chosen.innerText()).toContain('talker');
    await walkTo('ArrowDown', /, writer, /);
    await toFirst();
    await walkTo('ArrowRight', /, writer, tool: .*README\.md/);
    await expect.poll(() => card.innerText()).toContain('README.md');
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
    await page.keyboard.press('ArrowRight');
    await card.waitFor();
    await page.keyboard.press('Tab');
    await card.waitFor({ state: 'detached' });
    await expect.poll(() => said.innerText()).toBe('');
  });

  test('the list is walked by keys and selects the agent', async () => {
    const { page } = stage;
    await events().focus();
    await page.keyboard.press('Home');
    const chosen = events().getByRole('option', { selected: true });
    const first = await chosen.innerText();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => chosen.innerText()).not.toBe(first);
    await page.keyboard.press('End');
    await events().getByText('I only talk.').last().click();
    await expect.poll(() => treeItem(page, 'talker').getAttribute('aria-selected')).toBe('true');
    await expect.poll(() => chosen.innerText()).toContain('I only talk.');
  });

  test('one run is looked at alone', async () => {
    const { page, repository } = stage;
    await events().focus();
    // At its end the list follows what happens.
    await page.keyboard.press('End');
    await repository.ov('run', 'complete');
    await repository.sling('newcomer', { start: [{ say: 'A new run.' }] });
    await events().getByText('A new run.').first().waitFor();
    const runs = page.getByRole('combobox', { name: 'Run' });
    await expect.poll(() => runs.getByRole('option').count()).toBe(3);
    await runs.selectOption({ index: 1 });
    await events().getByText('A new run.').first().waitFor();
    await expect.poll(() => events().getByText('I begin.').count()).toBe(0);
    await runs.selectOption({ index: 2 });
    await events().getByText('I begin.').first().waitFor();
    const former = await count();
    await runs.selectOption({ index: 0 });
    await expect.poll(count).toBeGreaterThan(former);
  });
});
