import { describe, expect, test } from 'vitest';
import type { AgentView } from '../../contract/agents.ts';
import { currentFace } from '../support/faces.ts';
import { attentionItem, goTo, runCommand } from '../support/screen.ts';
import { useStage } from '../support/stage.ts';

/** An agent that writes files, commits and reports. */
function writes(files: Readonly<Record<string, string>>) {
  const steps = Object.entries(files).map(([path, content]) => ({ write: { path, content } }));
  return { start: [...steps, { commit: 'Work' }, { taskDone: 'Done.' }] };
}

const LINES = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`);
const withLine = (text: string): string => `${LINES.map((line, index) => (index === 5 ? text : line)).join('\n')}\n`;

describe(`Merge in ${currentFace()}`, () => {
  const stage = useStage({
    files: { 'README.md': '# Sample\n', 'tax.txt': withLine('line 6') },
    settings:
      'project:\n  qualityGates:\n    - name: Unit tests\n      command: "echo 12 tests ran; test ! -e broken.txt"\n      description: all pass\n',
  });
  const agents = async (): Promise<readonly AgentView[]> =>
    (await stage.repository.ov<{ agents: AgentView[] }>('status', '--all')).agents;
  const entry = (name: string) =>
    stage.page.getByRole('listbox', { name: 'Merge queue' }).getByRole('option').filter({ hasText: name });
  const pane = () => stage.page.getByRole('region', { name: 'Merge', exact: true });
  const part = (name: string | RegExp) => stage.page.getByRole('tab', { name }).click();
  /** Slings agents and waits until each has come to its end. */
  const work = async (scripts: Readonly<Record<string, object>>): Promise<void> => {
    for (const [name, script] of Object.entries(scripts))
      await stage.repository.sling(name, script as Readonly<Record<string, unknown>>);
    const names = Object.keys(scripts);
    await expect
      .poll(async () => (await agents()).filter((one) => names.includes(one.name) && one.status === 'done').length)
      .toBe(names.length);
  };
  const branchOf = (name: string): string => `overstory/${name}/task-${name}`;
  /** Merges by the command line, whatever comes of it. */
  const merge = (name: string): Promise<unknown> =>
    stage.repository.ov('merge', '--branch', branchOf(name)).catch(() => null);

  test('without branches says what will be there', async () => {
    const { page } = stage;
    await goTo(page, 'Merge');
    await page.getByText('Nothing to merge').waitFor();
    await page.getByRole('button', { name: 'See predicted collisions' }).click();
    await page.getByText('No worktree to look at').waitFor();
    await part(/^Queue/);
  });

  test('merges made elsewhere appear as they are made, each with its story', async () => {
    await work({
      ada: writes({ 'tax.txt': withLine('as ada says') }),
      bob: writes({ 'tax.txt': withLine('as bob says') }),
      cyd: writes({ 'broken.txt': 'x\n' }),
      dan: writes({ 'tax.txt': withLine('as dan says') }),
    });
    await merge('ada');
    await entry('ada').getByText('clean merge').waitFor();
    for (const name of ['bob', 'cyd', 'dan']) await merge(name);
    await entry('bob')
      .getByText(/would be lost/)
      .waitFor();
    await entry('cyd').getByText('the check Unit tests fails').waitFor();

    await entry('ada').click();
    await part('What happened');
    await pane().getByText('merged into main').waitFor();
    await pane().getByText('check: Unit tests').waitFor();
    await part('Commit');
    await pane()
      .getByText(`Merge branch '${branchOf('ada')}' into main`)
      .waitFor();
    await part(/^Checks/);
    await pane().getByRole('region', { name: 'Output of the check' }).getByText('12 tests ran').waitFor();
  });

  test('a loss is named before anybody can accept it', async () => {
    const { page } = stage;
    await entry('dan').click();
    await part(/^Loss audit/);
    await pane().getByText('as dan says').first().waitFor();
    await pane()
      .getByRole('radio', { name: /^Lost / })
      .click();
    await pane().getByRole('button', { name: 'Accept the loss…' }).click();
    const question = page.getByRole('dialog', { name: /^Accept that .* would be lost\?$/ });
    await question.getByRole('list', { name: 'What would be lost' }).getByText('as dan says').waitFor();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'hidden' });
    await entry('dan')
      .getByText(/would be lost/)
      .waitFor();
  });

  test('a conflict is shown side by side, and merged again by keyboard when it is resolved', async () => {
    const { page, repository } = stage;
    await page.getByRole('listbox', { name: 'Merge queue' }).focus();
    await page.keyboard.press('Home');
    await pane().getByRole('heading', { name: 'bob' }).waitFor();
    await part(/^Conflicts/);
    const place = pane().getByRole('article', { name: 'Place 1 of 1, line 6' });
    for (const text of ['as ada says', 'as bob says', 'line 6']) await place.getByText(text, { exact: true }).waitFor();
    await pane().getByRole('checkbox', { name: 'Show where they parted' }).click();
    await place.getByText('line 6', { exact: true }).waitFor({ state: 'hidden' });

    const worktree = (await agents()).find((one) => one.name === 'bob')?.worktree ?? '';
    await repository.git('-C', worktree, 'merge', '-q', '-X', 'ours', '-m', 'Bob stays', 'main');
    await page.getByRole('listbox', { name: 'Merge queue' }).focus();
    await page.keyboard.press('Shift+M');
    await entry('bob').getByText('clean merge').waitFor();
    expect(await repository.git('show', 'main:tax.txt')).toContain('as bob says');
  });

  test('a held merge is looked at and accepted from the attention queue', async () => {
    const { page, repository } = stage;
    await goTo(page, 'Fleet');
    const item = attentionItem(page, `${branchOf('cyd')} is held`);
    await item.getByRole('button', { name: /Show merge/ }).click();
    await pane().getByRole('heading', { name: 'cyd' }).waitFor();
    await page.keyboard.press('Shift+A');
    const question = page.getByRole('dialog', { name: 'Accept a failing check?' });
    await question.getByText('ended with 1').waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'hidden' });
    // Bob's merge has moved the target since: it has to be made anew before it can be accepted.
    await pane()
      .getByText(/has moved since/)
      .waitFor();
    await pane().getByRole('button', { name: 'Merge again' }).click();
    await pane()
      .getByText(/has moved since/)
      .waitFor({ state: 'hidden' });

    await goTo(page, 'Fleet');
    await item.getByRole('button', { name: /Accept the failing check/ }).click();
    await question.getByRole('button', { name: 'Accept that "Unit tests" fails' }).click();
    await item.waitFor({ state: 'hidden' });
    expect(await repository.git('show', 'main:broken.txt')).toBe('x\n');
    expect(await repository.git('log', '-1', '--format=%B', 'main')).toContain(
      'operator accepted that "Unit tests" fails',
    );
  });

  test('an entry is taken out of the queue after a question, and its branch stays', async () => {
    const { page, repository } = stage;
    await goTo(page, 'Merge');
    await entry('dan').click();
    const question = page.getByRole('dialog', { name: 'Take dan out of the queue?' });
    await page.getByRole('listbox', { name: 'Merge queue' }).focus();
    await page.keyboard.press('Shift+X');
    await question.waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'hidden' });
    await pane().getByRole('button', { name: 'Take out…' }).click();
    await question.getByRole('button', { name: 'Take out', exact: true }).click();
    await entry('dan').waitFor({ state: 'detached' });
    expect(await repository.git('branch', '--list', branchOf('dan'))).toContain('dan');
  });

  test('the radar shows who would collide, by keyboard and by mouse, and in which order to merge', async () => {
    const { page, repository } = stage;
    const rests = (text: string) => ({ start: [{ write: { path: 'plan.txt', content: text } }, { say: 'Ready.' }] });
    await repository.sling('eve', rests('as eve plans\n'));
    await repository.sling('fay', rests('as fay plans\n'));
    await expect
      .poll(
        async () =>
          (await agents()).filter((one) => ['eve', 'fay'].includes(one.name) && one.status === 'resting').length,
      )
      .toBe(2);
    await runCommand(page, 'Collision radar');
    await page.getByRole('button', { name: 'Look now' }).click();
    await runCommand(page, 'Look for collisions now');
    const cell = page.getByRole('gridcell', { name: 'eve and fay: 1 file in conflict' });
    await cell.waitFor();
    const order = page.getByRole('region', { name: 'Suggested order' });
    await order.getByText(/resolves against (eve|fay)/).waitFor();

    const pair = page.getByRole('region', { name: 'Predicted conflict' });
    await cell.click();
    for (const text of ['as eve plans', 'as fay plans']) await pair.getByText(text, { exact: true }).waitFor();
    await pair.getByRole('button', { name: 'Close the pair' }).click();
    await pair.waitFor({ state: 'detached' });

    await page.getByRole('grid', { name: 'Collisions' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('gridcell', { name: 'eve and fay: 1 file in conflict', selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await pair.getByText('as fay plans', { exact: true }).waitFor();
    await page.getByRole('grid', { name: 'Collisions' }).focus();
    await page.keyboard.press('Escape');
    await pair.waitFor({ state: 'detached' });
    await stage.did(['merge.now', 'merge.accept', 'merge.skip', 'radar.show', 'radar.look'], 'mouse');
    await stage.did(['merge.now', 'merge.accept', 'merge.skip', 'radar.show', 'radar.look'], 'keyboard');
  });
});
