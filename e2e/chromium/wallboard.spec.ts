import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findLiveEngine } from '../../main/core/lease/engineInfo.ts';
import { type ChromiumFace, launchChromium } from '../support/chromiumFace.ts';
import { type EngineProcess, startEngine } from '../support/engineProcess.ts';
import { isRunning, signal } from '../support/processes.ts';
import { createRepository, type Repository } from '../support/repository.ts';

/** Milliseconds an expected element may take; the page waits up to 15 s by itself where its engine said no. */
const PATIENCE_MS = 60_000;

/** A wall has nobody at its keyboard: its page must find the next engine by itself. */
describe('a wallboard whose engine is killed', () => {
  let repository: Repository;
  let engine: EngineProcess;
  let wall: ChromiumFace;
  beforeAll(async () => {
    repository = await createRepository();
    engine = await startEngine(repository.root);
    const { url } = await repository.ov<{ url: string }>('open', '--wallboard');
    wall = await launchChromium(url);
    wall.page.setDefaultTimeout(PATIENCE_MS);
    // The browser's own line about an address where nobody listens.
    wall.console.tolerate(/WebSocket connection to .* failed/);
  });
  afterAll(async () => {
    await wall?.close();
    await engine?.stop();
    await repository?.remove();
  });

  test('says so, keeps what it showed, and is live again with the next engine, without a sign-in', async () => {
    const { page } = wall;
    await page.getByRole('heading', { name: repository.root.split('/').at(-1) ?? '' }).waitFor();
    await repository.sling('before', { start: [{ say: 'Here.' }, { taskDone: 'Done.' }] });
    const events = page.getByRole('region', { name: 'Last events' });
    await events.getByText('before').first().waitFor();
    const { port } = new URL(page.url());
    const requests: string[] = [];
    page.on('request', (request) => requests.push(new URL(request.url()).pathname));

    const running = await findLiveEngine(repository.root);
    const pid = running?.pid ?? 0;
    expect(signal(pid, 'SIGKILL')).toBe(true);
    await expect.poll(() => isRunning(pid)).toBe(false);
    await page.getByText('No connection').waitFor();
    await events.getByText('before').first().waitFor();

    engine = await startEngine(repository.root, { port: Number(port) });
    await page.getByText('No connection').waitFor({ state: 'hidden' });
    await repository.sling('after', { start: [{ say: 'Here, too.' }, { taskDone: 'Done.' }] });
    await events.getByText('after', { exact: true }).first().waitFor();
    expect(requests).not.toContain('/api/session');
    expect(await page.getByLabel('Or paste the link here').count()).toBe(0);
    expect(wall.console.take()).toEqual([]);
  });
});
