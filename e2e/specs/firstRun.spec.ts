import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demosFolder } from '../../main/core/demo/demoProject.ts';
import { findLiveEngine } from '../../main/core/lease/engineInfo.ts';
import { findPtyHost } from '../../main/pty-host/client.ts';
import { launchChromium } from '../support/chromiumFace.ts';
import type { ConsoleGuard } from '../support/consoleGuard.ts';
import { launchElectron } from '../support/electronFace.ts';
import { startEngine } from '../support/engineProcess.ts';
import { currentFace } from '../support/faces.ts';
import { killTree } from '../support/processes.ts';
import { createRepository } from '../support/repository.ts';
import { attentionItem, column, goTo } from '../support/screen.ts';

/** Milliseconds for what several agents do one after the other. */
const AGENTS_MS = 120_000;

// A person with an empty profile and no agent program: the demo's door, its question, the first merged task.
describe(`the rehearsal demo from the room, with ${currentFace()}`, () => {
  let page: Page;
  let console: ConsoleGuard;
  const ends: (() => Promise<unknown>)[] = [];
  const before = process.env.XDG_DATA_HOME;

  beforeAll(async () => {
    const profile = await mkdtemp(join(tmpdir(), 'ocr-profile-'));
    ends.push(() => rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
    process.env.XDG_DATA_HOME = profile;
    if (currentFace() === 'electron') {
      const desktop = await launchElectron();
      ends.push(() => desktop.close());
      ({ page, console } = desktop);
    } else {
      const repository = await createRepository();
      ends.push(() => repository.remove());
      const engine = await startEngine(repository.root);
      ends.push(() => engine.stop());
      const opened = await launchChromium(engine.link);
      ends.push(() => opened.close());
      ({ page, console } = opened);
    }
  });
  afterAll(async () => {
    const folder = demosFolder();
    const demos = await readdir(folder).catch(() => [] as string[]);
    const [removeProfile, ...others] = ends;
    for (const end of others.reverse()) await end();
    for (const name of demos) {
      for (const found of [await findLiveEngine(join(folder, name)), await findPtyHost(join(folder, name))])
        if (found !== null) await killTree(found.pid);
    }
    await removeProfile?.();
    process.env.XDG_DATA_HOME = before;
  });

  test(
    'is made behind its door, and opens',
    async () => {
      await page.getByRole('button', { name: 'Run the rehearsal demo', exact: true }).click();
      await page.getByRole('banner').getByText('billing-service', { exact: true }).waitFor({ timeout: AGENTS_MS });
      await page.getByRole('tree', { name: 'Agents' }).getByText('coordinator', { exact: true }).first().waitFor();
    },
    AGENTS_MS,
  );

  test(
    'asks the person, who answers where the question stands',
    async () => {
      await goTo(page, 'Fleet');
      const question = attentionItem(page, 'Round half a cent up, or to even?');
      await question.waitFor({ timeout: AGENTS_MS });
      await question.getByRole('button', { name: /half up/ }).click();
      await question.waitFor({ state: 'hidden' });
    },
    AGENTS_MS,
  );

  test(
    'brings the first task to its end',
    async () => {
      await goTo(page, 'Board');
      await column(page, 'Done').getByRole('article').first().waitFor({ timeout: AGENTS_MS });
      expect(console.take()).toEqual([]);
    },
    AGENTS_MS,
  );
});
