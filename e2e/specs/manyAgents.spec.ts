import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStores } from '../../main/core/stores.ts';
import { drawn } from '../support/drawn.ts';
import { currentFace } from '../support/faces.ts';
import type { Repository } from '../support/repository.ts';
import { goTo, openFolder, threadRow, treeItem } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

const AGENTS = 50;
const MAILS = 1_000;
/** Rows a list may hold in the page: a screenful and what is kept ready above and below it. */
const ROWS = 60;

/** Writes agents and mail straight into the stores, as a long run leaves them. */
async function seed(repository: Repository): Promise<void> {
  const stores = await openStores(join(repository.root, '.overstory'));
  if (!stores.ok) throw new Error(stores.error.message);
  const { sessions, runs, mail } = stores.value;
  const start = Date.now() - 3_600_000;
  const at = (second: number): string => new Date(start + second * 1_000).toISOString();
  runs.createRun({ id: 'run-large', startedAt: at(0), coordinatorSessionId: null, status: 'active' });
  for (let index = 0; index < AGENTS; index += 1) {
    const name = `agent-${String(index).padStart(2, '0')}`;
    sessions.upsert({
      id: `session-${index}-${name}`,
      agentName: name,
      capability: index % 10 === 0 ? 'lead' : 'builder',
      worktreePath: join(repository.root, '.overstory', 'worktrees', name),
      branchName: `overstory/${name}/task-${index}`,
      taskId: `task-${index}`,
      tmuxSession: '',
      state: index % 3 === 0 ? 'between_turns' : 'completed',
      pid: null,
      parentAgent: index % 10 === 0 ? null : `agent-${String(index - (index % 10)).padStart(2, '0')}`,
      depth: index % 10 === 0 ? 0 : 1,
      runId: 'run-large',
      startedAt: at(index),
      lastActivity: new Date().toISOString(),
      escalationLevel: 0,
      stalledSince: null,
      transcriptPath: null,
    });
  }
  const sent = mail.insertMany(
    Array.from({ length: MAILS }, (_none, index) => ({
      from: `agent-${String(index % AGENTS).padStart(2, '0')}`,
      to: 'operator',
      subject: `Report ${index + 1}`,
      body: `Report number ${index + 1}. `.repeat(8),
      createdAt: at(index),
    })),
  );
  if (!sent.ok) throw new Error(sent.error.message);
  stores.value.close();
}

describe(`fifty agents and a thousand mails in ${currentFace()}`, () => {
  const stage = useStage({ prepare: seed });

  test('table and tree hold only the rows in sight', async () => {
    const { page } = stage;
    await page
      .getByRole('region', { name: 'Fleet' })
      .getByRole('heading', { name: `Fleet ${AGENTS}` })
      .waitFor();
    const table = page.getByRole('grid', { name: 'Fleet' });
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe(String(AGENTS + 1));
    const rows = await table.getByRole('row').count();
    expect(rows).toBeGreaterThan(10);
    expect(rows).toBeLessThan(AGENTS);
    const items = await page.getByRole('tree', { name: 'Agents' }).getByRole('treeitem').count();
    expect(items).toBeGreaterThan(5);
    expect(items).toBeLessThan(AGENTS);
  });

  test('the far end is one key away', async () => {
    const { page } = stage;
    await page.getByRole('tree', { name: 'Agents' }).focus();
    await page.keyboard.press('End');
    await treeItem(page, 'agent-49').waitFor();
    await expect.poll(() => treeItem(page, 'agent-49').getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Home');
    await treeItem(page, 'agent-00').waitFor();
  });

  test('a thousand mails open and hold only the rows in sight', async () => {
    const { page } = stage;
    await goTo(page, 'Mail');
    await threadRow(page, `Report ${MAILS}`).waitFor();
    const threads = page.getByRole('listbox', { name: 'Threads' }).getByRole('option');
    await expect.poll(() => threads.count()).toBeLessThan(ROWS);
    await page.getByRole('listbox', { name: 'Threads' }).focus();
    await page.keyboard.press('End');
    await threadRow(page, 'Report 1').first().waitFor();
    await expect.poll(() => threads.count()).toBeLessThan(ROWS);
    await openFolder(page, 'agent-07');
    await threadRow(page, 'Report 958').waitFor();
  });

  test('every screen opens', async () => {
    const { page } = stage;
    for (const screen of ['Terminals', 'Board', 'Timeline', 'Mail', 'Fleet'] as const) {
      await goTo(page, screen);
      await expect
        .poll(() => page.getByRole('navigation', { name: 'Screens' }).locator('[aria-current=page]').innerText())
        .toContain(screen);
      await drawn(page);
    }
  });

  test('news among so much is on screen', async () => {
    const { page, repository } = stage;
    await goTo(page, 'Mail');
    await openFolder(page, 'Operator');
    await repository.ov('mail', 'send', '--to', 'operator', '--subject', 'The newest', '--body', 'Of all.');
    // The list stands where it was left; the newest is at its top.
    await page.getByRole('listbox', { name: 'Threads' }).focus();
    await page.keyboard.press('Home');
    await threadRow(page, 'The newest').waitFor();
  });
});
