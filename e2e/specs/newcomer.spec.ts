import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../scripts/lib/run.ts';
import { launchChromium } from '../support/chromiumFace.ts';
import type { ConsoleGuard } from '../support/consoleGuard.ts';
import { launchElectron } from '../support/electronFace.ts';
import { printedLink } from '../support/engineProcess.ts';
import { currentFace } from '../support/faces.ts';
import { killTree } from '../support/processes.ts';
import { createRepository, type Repository } from '../support/repository.ts';
import { column, goTo } from '../support/screen.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** Commands of agents: on a machine that has one, it would be taken instead of the rehearsal. */
const AGENT_COMMANDS = ['claude', 'codex'];

/** A face with the room in it. */
interface Opened {
  readonly page: Page;
  readonly console: ConsoleGuard;
}

const SPEC = `# Say hello

\`\`\`rehearsal
start:
  - write: { path: hello.txt, content: "Hello.\\n" }
  - commit: Say hello
  - taskDone: The file is there.
\`\`\`
`;

// From a repository that has never seen overstory to the first merged task, by what the screen says and nothing else.
describe(`a newcomer with ${currentFace()}`, () => {
  let repository: Repository;
  let page: Page;
  let console: ConsoleGuard;
  const ends: (() => Promise<unknown>)[] = [];
  const path = process.env.PATH ?? '';
  beforeAll(async () => {
    const folders = path.split(delimiter);
    process.env.PATH = folders
      .filter((folder) => !AGENT_COMMANDS.some((command) => existsSync(join(folder, command))))
      .join(delimiter);
    repository = await createRepository({ initialised: false });
    ends.push(() => repository.remove());
  });
  afterAll(async () => {
    process.env.PATH = path;
    for (const end of ends.reverse()) await end();
  });

  /** The browser room: a repository that is not set up is refused with the command to run, and then a link is printed. */
  async function byTheCommandLine(): Promise<Opened> {
    const start = ['scripts/start.cjs', '--browser', repository.root];
    const refused = await run(process.execPath, start, { cwd: ROOT });
    expect(refused.code).toBe(1);
    // Exactly the command it names, run as it stands there.
    const named = /run "npm run ov -- (.+)" once/.exec(refused.stderr)?.[1] ?? '';
    const prepared = await run(process.execPath, ['scripts/ov.cjs', ...named.split(' ')], { cwd: ROOT });
    expect(prepared.stderr).not.toContain('error');
    expect(prepared.code).toBe(0);

    const room = spawn(process.execPath, start, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    ends.push(() => killTree(room.pid ?? 0));
    const opened = await launchChromium(await printedLink(room));
    ends.push(() => opened.close());
    return opened;
  }

  /** The desktop: its first window opens a folder and offers to set it up. */
  async function fromTheFirstWindow(): Promise<Opened> {
    const desktop = await launchElectron();
    ends.push(() => desktop.close());
    await desktop.app.evaluate(({ dialog }, root) => {
      // The system's own dialogues cannot be pressed from here: the folder is chosen, the first button pressed.
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [root] });
      dialog.showMessageBox = async () => ({ response: 0, checkboxChecked: false });
    }, repository.root);
    await desktop.page.getByRole('button', { name: /^Open/ }).first().click();
    return desktop;
  }

  test('sets the repository up in the way the face says, and opens its room', async () => {
    const opened = currentFace() === 'chromium' ? await byTheCommandLine() : await fromTheFirstWindow();
    page = opened.page;
    console = opened.console;
  });

  /** The line of the guide above the screen, which names the next step. */
  const guide = () => page.getByRole('complementary', { name: 'First sling' });

  test('is told which agent programs are here, and is guided', async () => {
    await page.getByText('No agents yet').waitFor();
    expect(await readdir(join(repository.root, '.overstory'))).toContain('config.yaml');
    const programs = page.getByRole('region', { name: 'Agent programs on this machine' });
    await programs.getByRole('listitem').filter({ hasText: 'rehearsal' }).getByText('ready', { exact: true }).waitFor();
    await programs.getByText('not ready').first().waitFor();
    await page.getByRole('button', { name: 'Guide me through it' }).click();
    await guide().getByText('1 of 4').waitFor();
  });

  test('creates the first task where the guide says so', async () => {
    await guide().getByRole('button', { name: 'New task…' }).click();
    const dialog = page.getByRole('dialog', { name: 'New task in Ready' });
    await dialog.getByLabel('Title').fill('Say hello');
    await dialog.getByLabel('Spec').fill(SPEC);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await guide().getByText('2 of 4').waitFor();
  });

  test('slings it and watches it through', async () => {
    await column(page, 'Ready').getByRole('article', { name: 'Say hello' }).waitFor();
    await guide().getByRole('button', { name: 'Sling the task…' }).click();
    await page.getByRole('option', { name: 'builder' }).first().click();
    const sheet = page.getByRole('dialog', { name: /^Sling / });
    await sheet.getByText('ready', { exact: true }).waitFor();
    await sheet.getByRole('button', { name: 'Sling', exact: true }).click();
    await column(page, 'Review').getByRole('article', { name: 'Say hello' }).waitFor();
    await goTo(page, 'Fleet');
    await page.getByRole('grid', { name: 'Fleet' }).getByText('done', { exact: true }).waitFor();
  });

  test('merges it, and sees it done', async () => {
    await guide().getByText('4 of 4').waitFor();
    await guide().getByRole('button', { name: 'Merge the branch' }).click();
    await guide().getByText('Merged.').waitFor();
    await goTo(page, 'Board');
    await column(page, 'Done').getByRole('article', { name: 'Say hello' }).waitFor();
    expect(await repository.git('show', 'main:hello.txt')).toBe('Hello.\n');
    await guide().getByRole('button', { name: 'Done' }).click();
    await guide().waitFor({ state: 'hidden' });
    expect(console.take()).toEqual([]);
  });
});
