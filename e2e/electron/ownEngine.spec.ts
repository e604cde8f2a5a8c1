import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findLiveEngine } from '../../main/core/lease/engineInfo.ts';
import { findPtyHost } from '../../main/pty-host/client.ts';
import { launchElectron } from '../support/electronFace.ts';
import { isRunning, processTree } from '../support/processes.ts';
import { createRepository, type Repository } from '../support/repository.ts';
import { seeState } from '../support/screen.ts';

describe('a desktop without a running engine', () => {
  let repository: Repository;
  beforeEach(async () => {
    repository = await createRepository();
  });
  afterEach(() => repository?.remove());

  test('brings one, and without work takes it along when it quits', async () => {
    const room = await launchElectron({ project: repository.root });
    await room.page.getByText('online').first().waitFor();
    expect(await findLiveEngine(repository.root)).not.toBeNull();
    await room.close();
    expect(await findLiveEngine(repository.root)).toBeNull();
  });

  test('with an agent at work it leaves engine and agent behind, and nothing of itself', async () => {
    const room = await launchElectron({ project: repository.root });
    await room.page.getByText('connection online').waitFor();
    await repository.sling('busy', { start: [{ say: 'On it.' }, 'hang'] });
    await seeState(room.page, 'busy', 'in turn');
    const host = await findPtyHost(repository.root);
    const engine = await findLiveEngine(repository.root);
    const app = room.app.process().pid ?? 0;
    const staying = new Set([
      ...(await processTree(host?.pid ?? 0)),
      // An engine inside the desktop is handed over: it ends here and begins elsewhere.
      ...(engine === null || engine.pid === app ? [] : await processTree(engine.pid)),
    ]);
    const own = (await processTree(app)).filter((pid) => !staying.has(pid));
    expect(own.length).toBeGreaterThan(1);
    await room.close();
    for (const pid of own) await expect.poll(() => isRunning(pid)).toBe(false);
    expect(await findLiveEngine(repository.root)).not.toBeNull();
    expect(await isRunning(host?.pid ?? 0)).toBe(true);
  });
});
