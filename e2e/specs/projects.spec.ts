import { basename } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EngineProcess, startEngine } from '../support/engineProcess.ts';
import { currentFace } from '../support/faces.ts';
import { createRepository, type Repository } from '../support/repository.ts';
import { runCommand } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

/** The name of the project in front, as the top strip has it. */
const inFront = (page: Page, name: string) => page.getByRole('banner').getByText(name, { exact: true }).first();

describe(`several projects with ${currentFace()}`, () => {
  const stage = useStage();
  let other: Repository;
  let engine: EngineProcess;
  let names: { readonly here: string; readonly there: string };
  beforeAll(async () => {
    other = await createRepository();
    engine = await startEngine(other.root);
    names = { here: basename(stage.repository.root), there: basename(other.root) };
  });
  afterAll(async () => {
    await engine?.stop();
    await other?.remove();
  });

  test('what waits in another project is a number beside this one', async () => {
    const { page } = stage;
    await inFront(page, names.here).waitFor();
    const gate = [
      'mail',
      'send',
      '--to',
      'operator',
      '--from',
      'lead-a',
      '--subject',
      'Which?',
      '--body',
      'This or that?',
    ];
    await other.ov(...gate, '--type', 'decision_gate', '--payload', JSON.stringify({ options: ['this', 'that'] }));
    await page.getByTitle('Things that wait for you in other projects').getByText('1').waitFor();
  });

  test('the switcher brings it to the front, by keyboard', async () => {
    const { page } = stage;
    await page.keyboard.press('ControlOrMeta+Shift+p');
    const switcher = page.getByRole('dialog', { name: 'Switch project' });
    await switcher.getByRole('option').filter({ hasText: names.there }).waitFor();
    await switcher.getByRole('combobox').fill(names.there);
    await page.keyboard.press('Enter');
    await inFront(page, names.there).waitFor();
    await page.getByRole('region', { name: 'Attention' }).getByRole('listitem', { name: 'Which?' }).waitFor();
  });

  test('it is still in front when the page is loaded again', async () => {
    const { page } = stage;
    await page.reload();
    await inFront(page, names.there).waitFor();
  });

  test('the panel of the project leads back, by mouse', async () => {
    const { page } = stage;
    await inFront(page, names.there).click();
    await page
      .getByRole('list', { name: 'Other projects' })
      .getByRole('button')
      .filter({ hasText: names.here })
      .click();
    await inFront(page, names.here).waitFor();
    await page.getByText('No agents yet').waitFor();
  });

  test('the wallboard opens beside the room, shows it and has nothing to press', async () => {
    const { page, room } = stage;
    const opening =
      room.desktop === null ? page.context().waitForEvent('page') : room.desktop.app.waitForEvent('window');
    await runCommand(page, 'Open wallboard');
    const wall = await opening;
    await wall.getByRole('heading', { name: names.here }).waitFor();
    await wall.getByText('Nobody waits.').waitFor();
    await expect.poll(() => wall.locator('button, a, input, [tabindex]').count()).toBe(0);
    await stage.repository.sling('builder-a', { start: [{ say: 'Here I am.' }, { taskDone: 'Done.' }] });
    await wall.getByRole('region', { name: 'Last events' }).getByText('builder-a').first().waitFor();
    await wall.close();
  });
});
