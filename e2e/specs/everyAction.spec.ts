import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { currentFace } from '../support/faces.ts';
import { fleetRow, goTo, railButton, type ScreenName, terminalOf, treeItem } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

/** The project's only check, which lasts as long as this file is there: merges are held in their middle. */
const HOLD = '.overstory/hold-merges';
const CHECK = `cd "$(git rev-parse --git-common-dir)/.." && while [ -e ${HOLD} ]; do sleep 0.05; done`;

/** An agent that writes a file of its own, commits and ends. */
const writes = (name: string) => ({
  start: [{ write: { path: `${name}.txt`, content: name } }, { commit: name }, { taskDone: 'Done.' }],
});

// Every action of the registry by mouse and by keyboard; renderer/app/everyAction.test.ts says which have none.
describe(`Every action in ${currentFace()}`, () => {
  const stage = useStage({
    settings: `project:\n  qualityGates:\n    - name: Held\n      command: ${JSON.stringify(CHECK)}\n      description: passes\n`,
  });
  const button = (name: string | RegExp): Locator => stage.page.getByRole('button', { name, exact: true });
  const dialog = (name: string | RegExp): Locator => stage.page.getByRole('dialog', { name });
  const palette = (): Locator => dialog('Command palette');
  const inspector = (): Locator => stage.page.getByRole('complementary', { name: 'Inspector' });
  /** By the palette with the keyboard alone: types, waits until the entry is the chosen one, takes it. */
  const byKeys = async (title: string): Promise<void> => {
    const { page } = stage;
    await page.keyboard.press('ControlOrMeta+k');
    await palette().getByRole('combobox').fill(title);
    await palette().getByRole('option', { selected: true }).filter({ hasText: title }).waitFor();
    await page.keyboard.press('Enter');
    await palette().waitFor({ state: 'detached' });
  };
  /** By the palette with the mouse, for what has no control of its own. */
  const byPalette = async (title: string): Promise<void> => {
    await stage.page.getByRole('banner').getByRole('button', { name: 'Command palette' }).click();
    await palette().getByRole('combobox').fill(title);
    await palette().getByRole('option').filter({ hasText: title }).first().click();
    await palette().waitFor({ state: 'detached' });
  };
  /** By the context menu of an agent in the tree. */
  const byMenu = async (agent: string, entry: string | RegExp): Promise<void> => {
    await treeItem(stage.page, agent).click({ button: 'right' });
    await stage.page.getByRole('menuitem', { name: entry }).click();
  };
  /** Sees a dialogue and leaves it by Escape; only when it is gone do single keys belong to the room again. */
  const leave = async (name: string | RegExp): Promise<void> => {
    await dialog(name).waitFor();
    await stage.page.keyboard.press('Escape');
    await dialog(name).waitFor({ state: 'detached' });
  };
  const told = (words: string | RegExp): Promise<void> => stage.page.getByText(words).first().waitFor();
  const state = (agent: string, word: string): Promise<void> =>
    treeItem(stage.page, agent).getByText(word, { exact: true }).waitFor();

  beforeAll(async () => {
    // The machine's own clipboard is left alone.
    await stage.page.addInitScript(() => {
      navigator.clipboard.writeText = async () => {};
    });
    // The system's dialogue cannot be pressed from here; nobody chooses anything in it.
    await stage.room.desktop?.app.evaluate(({ dialog: system }) => {
      system.showOpenDialog = async () => ({ canceled: true, filePaths: [] });
    });
  });

  // What one test leaves behind is no matter of the next.
  beforeEach(async () => {
    await stage.page.reload();
    await stage.page.getByText('connection online').waitFor();
  });

  test('an empty project: coordinator, task, guide, folders and links', async () => {
    const { page, room, did } = stage;
    await button(/^Start a coordinator/).click();
    await leave('Start a coordinator');
    await byKeys('Start a coordinator…');
    await leave('Start a coordinator');
    await button('Create a task').click();
    await leave(/task/i);
    await byKeys('New task…');
    await leave(/task/i);
    await button('Guide me through it').click();
    await byKeys('End the guide');
    await goTo(page, 'Fleet');
    await button(/^Open a project/).click();
    if (room.desktop === null) await leave(/open/i);
    await byKeys('Open a project…');
    if (room.desktop === null) await leave(/open/i);
    await page.getByRole('banner').locator('[aria-haspopup="dialog"]').first().click();
    await button('Switch project…').click();
    await leave('Switch project');
    await page.keyboard.press('ControlOrMeta+Shift+p');
    await leave('Switch project');
    for (const by of [byPalette, byKeys]) {
      await by('Copy a link for the browser');
      await told('Copied a one-time link for the browser.');
      await by('Copy a read-only link to the wallboard');
      await told('Copied a one-time link that only watches.');
      const opening =
        room.desktop === null ? page.context().waitForEvent('page') : room.desktop.app.waitForEvent('window');
      await by('Open wallboard');
      await (await opening).close();
    }
    await did(['coordinator.start', 'task.create', 'guide.start', 'project.open', 'project.switch'], 'mouse');
    await did(['coordinator.start', 'task.create', 'guide.start', 'project.open', 'project.switch'], 'keyboard');
    await did(['browser.link', 'wallboard.link', 'wallboard.open'], 'palette');
    await did(['browser.link', 'wallboard.link', 'wallboard.open'], 'keyboard');
  });

  test('every screen and every part of Health and Settings', async () => {
    const { page, did } = stage;
    const screens = 'Fleet Terminals Mail Board Timeline Merge Costs Health Settings'.split(
      ' ',
    ) as readonly ScreenName[];
    const shown = (screen: ScreenName) =>
      expect.poll(() => railButton(page, screen).getAttribute('aria-current')).toBe('page');
    for (const screen of screens.toReversed()) {
      await goTo(page, screen);
      await shown(screen);
    }
    for (const [index, screen] of [...screens.entries()].toReversed()) {
      await page.keyboard.press(`ControlOrMeta+${index + 1}`);
      await shown(screen);
    }
    await goTo(page, 'Health');
    for (const tab of ['Engine', 'Logs', 'Doctor', 'Fire drills', 'Watchdog']) {
      await page.getByRole('tab', { name: tab }).click();
      await byKeys(`Health: ${tab.toLowerCase()}`);
      await page.getByRole('tab', { name: tab, selected: true }).waitFor();
    }
    await goTo(page, 'Settings');
    const parts = page.getByRole('navigation', { name: 'Settings' });
    for (const part of 'Roles,Quality gates,Caps,Notifications,Keys,Appearance,Terminal,All settings,Runtimes'.split(
      ',',
    )) {
      await parts.getByRole('button', { name: part, exact: true }).click();
      await byKeys(`Settings: ${part}`);
      await expect.poll(() => parts.locator('[aria-current]').innerText()).toBe(part);
    }
    await did(
      ['go.fleet', 'go.terminals', 'go.mail', 'go.board', 'go.timeline', 'go.merge', 'go.costs', 'go.health'],
      'mouse',
    );
    await did(
      ['go.fleet', 'go.terminals', 'go.mail', 'go.board', 'go.timeline', 'go.merge', 'go.costs', 'go.health'],
      'keyboard',
    );
    await did(['health.watchdog', 'health.engine', 'health.logs', 'health.doctor', 'health.drills'], 'mouse');
    await did(['health.watchdog', 'health.engine', 'health.logs', 'health.doctor', 'health.drills'], 'keyboard');
    await did(['go.settings', 'settings.runtimes', 'settings.roles', 'settings.gates', 'settings.caps'], 'mouse');
    await did(['go.settings', 'settings.runtimes', 'settings.roles', 'settings.gates', 'settings.caps'], 'keyboard');
    await did(['settings.notifications', 'settings.keys', 'settings.appearance'], 'mouse');
    await did(['settings.notifications', 'settings.keys', 'settings.appearance'], 'keyboard');
    await did(['settings.terminal', 'settings.all'], 'mouse');
    await did(['settings.terminal', 'settings.all'], 'keyboard');
  });

  test('the view: panes, theme, gallery, keys', async () => {
    const { page, repository, did } = stage;
    await goTo(page, 'Fleet');
    await repository.sling('ann', {
      start: [{ say: 'Ready.' }],
      on: { any: [{ say: 'Heard: {{mail.body}}' }] },
    });
    // These two die of it, and stay dead until somebody lets them try again.
    for (const name of ['fay', 'gus'])
      await repository.sling(name, { start: [{ run: 'exit 1' }, { taskDone: 'Never.' }] });
    await state('ann', 'resting');
    const tree = page.getByRole('tree', { name: 'Agents' });
    await button('Hide agents').click();
    await tree.waitFor({ state: 'hidden' });
    await page.keyboard.press('ControlOrMeta+b');
    await tree.waitFor();
    await treeItem(page, 'ann').click();
    await inspector().waitFor();
    await button('Hide inspector').click();
    await inspector().waitFor({ state: 'hidden' });
    await page.keyboard.press('ControlOrMeta+i');
    await inspector().waitFor();
    for (const by of [byPalette, byKeys]) {
      await treeItem(page, 'ann').click();
      await inspector().waitFor();
      await by('Select no agent');
      await inspector().waitFor({ state: 'hidden' });
      await by('Theme: ');
      await by('Component gallery');
      await button('Back to the room').click();
      await fleetRow(page, 'ann').waitFor();
    }
    await byPalette('Keyboard shortcuts…');
    await leave('Keyboard shortcuts');
    await page.keyboard.press('?');
    await leave('Keyboard shortcuts');
    await did(['palette.open', 'view.tree', 'view.inspector'], 'mouse');
    await did(['view.clearSelection', 'view.theme', 'view.gallery', 'view.keys'], 'palette');
    await did(['palette.open', 'view.tree', 'view.inspector'], 'keyboard');
    await did(['view.clearSelection', 'view.theme', 'view.gallery', 'view.keys'], 'keyboard');
  });

  test('what can be done to an agent', async () => {
    const { page, did } = stage;
    await byMenu('ann', 'Open terminal');
    await terminalOf(page, 'ann').waitFor();
    await goTo(page, 'Fleet');
    await treeItem(page, 'ann').click();
    await byKeys('Open terminal · ann');
    await terminalOf(page, 'ann').waitFor();
    await byMenu('ann', 'Show mail');
    await page.getByRole('navigation', { name: 'Folders' }).waitFor();
    await goTo(page, 'Fleet');
    await byKeys('Show mail · ann');
    await page.getByRole('navigation', { name: 'Folders' }).waitFor();
    await goTo(page, 'Fleet');
    await byMenu('ann', /^Write mail/);
    await dialog('Write mail').getByRole('button', { name: 'Cancel' }).click();
    await dialog('Write mail').waitFor({ state: 'detached' });
    await byKeys('Write mail to ann…');
    await dialog('Write mail').getByRole('button', { name: 'Cancel' }).click();
    await dialog('Write mail').waitFor({ state: 'detached' });
    await goTo(page, 'Mail');
    await button('Write mail').first().click();
    await dialog('Write mail').getByRole('button', { name: 'Cancel' }).click();
    await dialog('Write mail').waitFor({ state: 'detached' });
    await goTo(page, 'Fleet');
    await page.keyboard.press('Shift+C');
    await dialog('Write mail').getByRole('button', { name: 'Cancel' }).click();
    await dialog('Write mail').waitFor({ state: 'detached' });
    await byMenu('ann', /^Nudge/);
    await leave(/^Nudge/);
    await page.keyboard.press('Shift+N');
    await leave(/^Nudge/);
    await byMenu('ann', /^Review changes/);
    await leave(/^Review changes/);
    await page.keyboard.press('Shift+R');
    await leave(/^Review changes/);
    await byMenu('ann', 'Stop…');
    await leave('Stop ann?');
    await byKeys('Stop… · ann');
    await leave('Stop ann?');
    await byMenu('ann', 'Pause agent');
    await told('ann gets no further turn until it is resumed.');
    await byKeys('Resume agent');
    await told('ann goes on.');
    for (const name of ['fay', 'gus']) await state(name, 'dead');
    await byMenu('fay', 'Retry');
    await told('fay tries again on the same conversation.');
    await treeItem(page, 'gus').click();
    await byKeys('Retry · gus');
    await told('gus tries again on the same conversation.');
    await did(['agent.openTerminal', 'agent.mail', 'agent.compose', 'mail.compose', 'agent.nudge'], 'mouse');
    await did(['agent.openTerminal', 'agent.mail', 'agent.compose', 'mail.compose', 'agent.nudge'], 'keyboard');
    await did(['agent.review', 'agent.stop', 'agent.pause', 'agent.retry'], 'mouse');
    await did(['agent.review', 'agent.stop', 'agent.pause', 'agent.retry'], 'keyboard');
  });

  test('a conversation is taken over and handed back', async () => {
    const { page, did } = stage;
    const inHands = page.getByText('In your hands: type above');
    await treeItem(page, 'ann').click();
    await byMenu('ann', 'Take over');
    await inHands.waitFor();
    await byKeys('Hand back · ann');
    await inHands.waitFor({ state: 'hidden' });
    await byKeys('Take over · ann');
    await inHands.waitFor();
    await byMenu('ann', 'Hand back');
    await inHands.waitFor({ state: 'hidden' });
    await did(['agent.takeOver', 'agent.handBack'], 'mouse');
    await did(['agent.takeOver', 'agent.handBack'], 'keyboard');
  });

  test('terminals: shells, panes, text', async () => {
    const { page, did } = stage;
    const tab = (title: string): Promise<void> =>
      page.getByRole('tablist', { name: 'Terminals' }).getByRole('tab').filter({ hasText: title }).first().waitFor();
    const panels = (count: number) => expect.poll(() => page.getByRole('tabpanel').count()).toBe(count);
    await goTo(page, 'Terminals');
    await button('New shell').click();
    await page.getByRole('menuitem', { name: 'Shell in the project' }).click();
    await tab('shell');
    await byKeys('Shell in the project');
    await tab('shell 2');
    await byMenu('ann', 'Shell in worktree');
    await tab('shell · ann');
    await treeItem(page, 'ann').click();
    await byKeys('Shell in worktree · ann');
    await tab('shell · ann 2');
    const search = page.getByRole('search');
    await button('Search').click();
    await search.waitFor();
    await page.keyboard.press('Escape');
    await search.waitFor({ state: 'detached' });
    await page.keyboard.press('ControlOrMeta+f');
    await search.waitFor();
    await page.keyboard.press('Escape');
    await search.waitFor({ state: 'detached' });
    const copyMode = page.getByText('Copy mode', { exact: true });
    for (const start of [
      () => byPalette('Copy mode: select by keyboard'),
      () => page.keyboard.press('ControlOrMeta+Shift+m'),
    ]) {
      await page.getByRole('tabpanel').first().getByRole('group').first().click();
      await start();
      await copyMode.waitFor();
      await page.keyboard.press('Escape');
      await copyMode.waitFor({ state: 'detached' });
    }
    for (const by of [byPalette, byKeys]) {
      await by('Type into several terminals…');
      await leave('Type into several terminals');
    }
    await button('Split to the right').click();
    await panels(2);
    await button('Split downwards').click();
    await panels(3);
    await byPalette('Next pane');
    await byPalette('Previous pane');
    await page.keyboard.press('ControlOrMeta+Alt+ArrowDown');
    await page.keyboard.press('ControlOrMeta+Alt+ArrowUp');
    await byPalette('Close this pane');
    await panels(2);
    await byPalette('End the split');
    await panels(1);
    await page.keyboard.press('ControlOrMeta+\\');
    await panels(2);
    await page.keyboard.press('ControlOrMeta+Alt+\\');
    await panels(3);
    await page.keyboard.press('ControlOrMeta+Alt+w');
    await panels(2);
    await byKeys('End the split');
    await panels(1);
    await byPalette('Next terminal');
    await byPalette('Previous terminal');
    await page.keyboard.press('ControlOrMeta+Alt+ArrowRight');
    await page.keyboard.press('ControlOrMeta+Alt+ArrowLeft');
    await byPalette('Show agents as: ');
    await page.keyboard.press('ControlOrMeta+Alt+r');
    await byKeys('Show agents as: ');
    for (const by of [byPalette, byKeys]) {
      await by('Screen-reader mode: ');
      await by('Larger terminal text');
      await by('Smaller terminal text');
    }
    await did(
      ['terminal.openShell', 'agent.shell', 'terminal.search', 'terminal.split', 'terminal.splitDown'],
      'mouse',
    );
    await did(
      ['terminal.openShell', 'agent.shell', 'terminal.search', 'terminal.split', 'terminal.splitDown'],
      'keyboard',
    );
    await did(['terminal.copyMode', 'terminal.broadcast', 'terminal.closePane', 'terminal.endSplit'], 'palette');
    await did(['terminal.copyMode', 'terminal.broadcast', 'terminal.closePane', 'terminal.endSplit'], 'keyboard');
    await did(['terminal.nextPane', 'terminal.previousPane', 'terminal.next', 'terminal.previous'], 'palette');
    await did(['terminal.nextPane', 'terminal.previousPane', 'terminal.next', 'terminal.previous'], 'keyboard');
    await did(['terminal.agentView', 'terminal.screenReader', 'terminal.larger', 'terminal.smaller'], 'palette');
    await did(['terminal.agentView', 'terminal.screenReader', 'terminal.larger', 'terminal.smaller'], 'keyboard');
  });

  test('merges: asked for, cancelled, made together', async () => {
    const { page, repository, did } = stage;
    const hold = join(repository.root, HOLD);
    const pane = page.getByRole('region', { name: 'Merge', exact: true });
    const entry = (name: string) =>
      page.getByRole('listbox', { name: 'Merge queue' }).getByRole('option').filter({ hasText: name });
    for (const name of ['bea', 'cay']) await repository.sling(name, writes(name));
    for (const name of ['bea', 'cay']) await state(name, 'done');
    await writeFile(hold, '');
    await byMenu('bea', /^Merge its branch/);
    await goTo(page, 'Merge');
    await entry('bea').click();
    await pane.getByRole('button', { name: 'Cancel' }).click();
    await told('Cancelled: nothing has changed.');
    await pane.getByRole('button', { name: 'Merge again' }).waitFor();
    await page.keyboard.press('Shift+M');
    await pane.getByRole('button', { name: 'Cancel' }).waitFor();
    await byKeys('Cancel the merge');
    await pane.getByRole('button', { name: 'Merge again' }).waitFor();
    await rm(hold);
    await pane.getByRole('button', { name: 'Merge again' }).click();
    await entry('bea').getByText('clean merge').waitFor();
    await treeItem(page, 'cay').click();
    await byKeys('Merge its branch · cay');
    await entry('cay').getByText('clean merge').waitFor();
    await entry('bea').click();
    await pane.getByRole('button', { name: 'Review changes' }).click();
    await leave(/^Review changes/);
    await byKeys('Review changes · bea');
    await leave(/^Review changes/);
    for (const by of [() => pane.getByRole('button', { name: 'Open mail' }).click(), () => byKeys('Open mail · bea')]) {
      await goTo(page, 'Merge');
      await by();
      await page.getByRole('navigation', { name: 'Folders' }).waitFor();
    }
    await goTo(page, 'Merge');
    await pane.getByRole('button', { name: 'Copy worktree path' }).click();
    await byKeys('Copy path of the worktree · bea');
    await did(['agent.merge', 'merge.cancel', 'merge.review', 'merge.thread', 'merge.copyWorktree'], 'mouse');
    await did(['agent.merge', 'merge.cancel', 'merge.review', 'merge.thread', 'merge.copyWorktree'], 'keyboard');
  });

  test('branches that wait behind a merge are merged together', async () => {
    const { page, repository, did } = stage;
    const hold = join(repository.root, HOLD);
    const entry = (name: string) =>
      page.getByRole('listbox', { name: 'Merge queue' }).getByRole('option').filter({ hasText: name });
    for (const name of ['dov', 'eli']) await repository.sling(name, writes(name));
    for (const name of ['dov', 'eli']) await state(name, 'done');
    await goTo(page, 'Merge');
    await writeFile(hold, '');
    await byMenu('dov', /^Merge its branch/);
    await entry('dov').getByText('merging', { exact: true }).first().waitFor();
    await byMenu('eli', /^Merge its branch/);
    await button('Merge all 1').click();
    await byKeys('Merge everything that waits');
    await rm(hold);
    for (const name of ['dov', 'eli']) await entry(name).getByText('clean merge').waitFor();
    await did(['merge.all'], 'mouse');
    await did(['merge.all'], 'keyboard');
  });

  test('fleet, run and costs', async () => {
    const { page, did } = stage;
    await button('Pause fleet').click();
    await button('Resume fleet').waitFor();
    await byKeys('Resume fleet');
    await button('Pause fleet').waitFor();
    await goTo(page, 'Costs');
    await button('Copy as CSV').click();
    await byKeys('Copy costs as CSV');
    await button('Pause run').click();
    await told('The run is paused');
    await byKeys('Pause run');
    await button(/^run /).click();
    await button('Complete run…').click();
    await leave('Complete the run?');
    await byKeys('Complete the run…');
    await leave('Complete the run?');
    await did(['fleet.pause', 'costs.copy', 'run.pause', 'run.complete'], 'mouse');
    await did(['fleet.pause', 'costs.copy', 'run.pause', 'run.complete'], 'keyboard');
  });

  test('a replay, every control of it', async () => {
    const { page, did } = stage;
    const band = page.getByRole('region', { name: 'Replay' });
    const control = (name: string) => band.getByRole('button', { name, exact: true }).click();
    const goLive = async (by: () => Promise<void>): Promise<void> => {
      await by();
      await band.waitFor({ state: 'detached' });
    };
    await goTo(page, 'Fleet');
    await button(/^run /).click();
    await button('Replay').click();
    await band.waitFor();
    await control('Next change');
    await control('Previous change');
    await control('Next time somebody was needed');
    await control('Previous time somebody was needed');
    await control('Play');
    // It may have come to its end by itself.
    await band.getByRole('button', { name: /^(Play|Pause)$/ }).click();
    await control('Skips quiet time');
    await control('Go to a time…');
    await leave('Go to a time');
    for (const title of ['Faster', 'Slower', 'Forward 10 seconds', 'Back 10 seconds']) await byPalette(title);
    await goLive(() => control('Go live'));
    await page.keyboard.press('ControlOrMeta+Shift+y');
    await band.waitFor();
    for (const key of 'Alt+ArrowRight Alt+ArrowLeft Alt+PageDown Alt+PageUp Shift+J Shift+K Shift+P Shift+P > < Shift+Q'.split(
      ' ',
    ))
      await page.keyboard.press(key);
    await page.keyboard.press('Shift+T');
    await leave('Go to a time');
    await goLive(() => page.keyboard.press('ControlOrMeta+Shift+l'));
    for (const by of [byPalette, byKeys]) {
      await by('Replay a past run…');
      await leave('Replay a run');
    }
    await did(['replay.start', 'replay.goLive', 'replay.play', 'replay.goTo', 'replay.skipQuiet'], 'mouse');
    await did(['replay.next', 'replay.previous', 'replay.nextNeed', 'replay.previousNeed'], 'mouse');
    await did(['replay.faster', 'replay.slower', 'replay.forward', 'replay.back', 'replay.chooseRun'], 'palette');
    await did(['replay.start', 'replay.goLive', 'replay.play', 'replay.goTo', 'replay.skipQuiet'], 'keyboard');
    await did(['replay.next', 'replay.previous', 'replay.nextNeed', 'replay.previousNeed'], 'keyboard');
    await did(['replay.faster', 'replay.slower', 'replay.forward', 'replay.back', 'replay.chooseRun'], 'keyboard');
  });
});
