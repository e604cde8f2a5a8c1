import type { Locator, Page } from 'playwright-core';

/** Where things stand on screen, by role and name, so that specs read like what a person does. */

export type ScreenName =
  | 'Fleet'
  | 'Terminals'
  | 'Mail'
  | 'Board'
  | 'Timeline'
  | 'Merge'
  | 'Costs'
  | 'Health'
  | 'Settings';

/** The button of a screen in the left rail. Its name also holds its badge. */
export function railButton(page: Page, screen: ScreenName): Locator {
  return page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: screen });
}

/** Goes to a screen by the rail. */
export async function goTo(page: Page, screen: ScreenName): Promise<void> {
  await railButton(page, screen).click();
}

/** The row of an agent in the fleet table. */
export function fleetRow(page: Page, agent: string): Locator {
  const table = page.getByRole('grid', { name: 'Fleet' });
  return table.getByRole('row').filter({ has: page.getByText(agent, { exact: true }) });
}

/** The row of an agent in the tree. */
export function treeItem(page: Page, agent: string): Locator {
  const tree = page.getByRole('tree', { name: 'Agents' });
  return tree.getByRole('treeitem').filter({ has: page.getByText(agent, { exact: true }) });
}

/** Waits until table and tree both show this state of an agent. */
export async function seeState(page: Page, agent: string, word: string): Promise<void> {
  await fleetRow(page, agent).getByText(word, { exact: true }).waitFor();
  await treeItem(page, agent).getByText(word, { exact: true }).waitFor();
}

/** One thing of the attention queue, by its title. */
export function attentionItem(page: Page, title: string): Locator {
  return page.getByRole('region', { name: 'Attention' }).getByRole('listitem', { name: title });
}

/** Does something by the command palette: opens it, types, takes the first hit. */
export async function runCommand(page: Page, words: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await palette.getByRole('combobox').fill(words);
  await page.keyboard.press('Enter');
  await palette.waitFor({ state: 'hidden' });
}

/** The thread of a subject in the middle pane of the Mail screen. */
export function threadRow(page: Page, subject: string): Locator {
  return page.getByRole('listbox', { name: 'Threads' }).getByRole('option').filter({ hasText: subject });
}

/** One message of the open thread, by its subject. */
export function mailCard(page: Page, subject: string): Locator {
  return page.getByRole('region', { name: 'Thread' }).getByRole('article', { name: subject, exact: true });
}

/** Opens a folder of the Mail screen by the beginning of its name. */
export async function openFolder(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Folders' }).getByRole('button', { name }).first().click();
}

/** The surface of a terminal on the Terminals screen: of an agent, or `shell · agent`, or `shell`. */
export function terminalOf(page: Page, name: string): Locator {
  return page.getByRole('group', { name: `Terminal of ${name}; F6 leaves it`, exact: true });
}

/** A column of the board. */
export function column(page: Page, title: string): Locator {
  return page
    .getByRole('group', { name: 'Board', exact: true })
    .getByRole('region', { name: new RegExp(`^${title}, `) });
}

/** A task on the board, by its title, wherever it stands. */
export function taskCard(page: Page, title: string): Locator {
  return page.getByRole('group', { name: 'Board', exact: true }).getByRole('article', { name: title });
}
