import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findLiveEngine } from '../../main/core/lease/engineInfo.ts';
import { findPtyHost } from '../../main/pty-host/client.ts';
import { type ElectronFace, launchElectron } from '../support/electronFace.ts';
import { isRunning } from '../support/processes.ts';
import { createRepository, type Repository } from '../support/repository.ts';
import { runCommand, seeState } from '../support/screen.ts';

/** Milliseconds an expected element may take; the machine may be busy. */
const PATIENCE_MS = 60_000;

describe('closing a project', () => {
  let first: Repository;
  let second: Repository;
  let room: ElectronFace;
  beforeAll(async () => {
    first = await createRepository();
    second = await createRepository();
    room = await launchElectron({ project: first.root });
    room.page.setDefaultTimeout(PATIENCE_MS);
    await room.page.getByText('connection online').waitFor();
  });
  afterAll(async () => {
    await room?.close();
    await first?.remove();
    await second?.remove();
  });

  const title = () => room.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle());
  /** Presses this button of the next questions, and counts them. */
  const answerWith = (response: number) =>
    room.app.evaluate(({ dialog }, pressed) => {
      const counted = globalThis as { asked?: string[] };
      counted.asked = [];
      dialog.showMessageBox = (async (question: { message: string }) => {
        counted.asked?.push(question.message);
        return { response: pressed, checkboxChecked: false };
      }) as typeof dialog.showMessageBox;
    }, response);
  const asked = () => room.app.evaluate(() => (globalThis as { asked?: string[] }).asked ?? []);
  const doors = () => room.page.getByRole('button', { name: 'Open a project', exact: true });
  const openAgain = (root: string) =>
    room.page.getByRole('list', { name: 'Recent projects' }).getByRole('button').filter({ hasText: root }).click();

  test('by the palette: an idle engine is gone at once, its lease with it, and the window offers the ways in', async () => {
    await answerWith(2);
    expect(await findLiveEngine(first.root)).not.toBeNull();
    await runCommand(room.page, 'Close project');
    await doors().waitFor();
    await expect.poll(() => findLiveEngine(first.root)).toBeNull();
    expect(await asked()).toEqual([]);
    expect(await title()).toBe('Overstory Control Room');
  });

  test('it opens again from the list, with an engine of its own', async () => {
    await openAgain(first.root);
    await room.page.getByText('connection online').waitFor();
    await expect.poll(() => findLiveEngine(first.root)).not.toBeNull();
    await expect.poll(title).toBe(`${basename(first.root)} · Overstory Control Room`);
  });

  test('with an agent at work it asks, and cancelled nothing changes', async () => {
    await first.sling('busy', { start: [{ say: 'On it.' }, 'hang'] });
    await seeState(room.page, 'busy', 'in turn');
    await answerWith(2);
    await room.page.getByRole('banner').locator('[aria-haspopup="dialog"]').first().click();
    await room.page.getByRole('button', { name: 'Close project', exact: true }).click();
    await expect.poll(asked).toEqual(['1 agent is working. What should happen to them?']);
    await room.page.keyboard.press('Escape');
    await seeState(room.page, 'busy', 'in turn');
    expect(await findLiveEngine(first.root)).not.toBeNull();
  });

  test('kept running, engine and agent go on, and the project is found as it was', async () => {
    const host = await findPtyHost(first.root);
    await answerWith(0);
    await runCommand(room.page, 'Close project');
    await doors().waitFor();
    // An engine inside the desktop is handed over to one of its own process.
    const app = room.app.process().pid ?? 0;
    await expect
      .poll(async () => {
        const engine = await findLiveEngine(first.root);
        return engine !== null && engine.pid !== app;
      })
      .toBe(true);
    expect(await isRunning(host?.pid ?? 0)).toBe(true);
    await openAgain(first.root);
    await seeState(room.page, 'busy', 'in turn');
  });

  test('of two projects the one that was in front before comes back; stopped, nothing of the other works on', async () => {
    await room.app.evaluate(({ dialog }, root) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [root] });
    }, second.root);
    await runCommand(room.page, 'Open a project…');
    await expect.poll(title).toBe(`${basename(second.root)} · Overstory Control Room`);
    await room.page.getByText('connection online').waitFor();
    await room.page.getByText('No agents yet').waitFor();
    await second.sling('other', { start: [{ say: 'Me too.' }, 'hang'] });
    await seeState(room.page, 'other', 'in turn');
    await answerWith(1);
    await runCommand(room.page, 'Close project');
    await expect.poll(title).toBe(`${basename(first.root)} · Overstory Control Room`);
    await seeState(room.page, 'busy', 'in turn');
    await expect.poll(() => findLiveEngine(second.root)).toBeNull();
    expect(await asked()).toHaveLength(1);
  });
});
