import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fail, ok } from '../../../contract/result.ts';
import { useStatus } from '../../stores/hooks.ts';
import { useAnswer } from '../../stores/useAnswer.ts';
import { type FakeRoom, fakeRoom, press, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { agentView, ago, roomStatus } from '../../testing/fixtures.ts';
import { CostsScreen } from './CostsScreen.tsx';
import { costsActions } from './costsActions.tsx';
import { costGroup, costOverview } from './costTestData.ts';

let fake: FakeRoom;
afterEach(cleanup);
const asked = () => fake.calls.filter(({ name }) => name === 'costs.overview').map(({ input }) => input);

beforeEach(() => {
  fake = fakeRoom();
  fake.room.actions.register(costsActions);
  fake.publish('status', { value: roomStatus() });
});

async function show(
  overview = costOverview([costGroup('csv-writer', { usd: 2.5 }), costGroup('html-writer', { usd: 0.5 })]),
) {
  fake.answer('costs.overview', () => ok(structuredClone(overview)));
  renderRoom(fake, <CostsScreen />);
  await settled();
}
const rows = () =>
  within(screen.getByRole('grid', { name: 'Costs' }))
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.firstElementChild?.textContent);

describe('Costs', () => {
  it('says what was spent, where the figure comes from, and how fast it goes', async () => {
    await show();
    expect(screen.getAllByText('$3.00').length).toBeGreaterThan(0);
    expect(screen.getByText('told by the runtimes')).toBeTruthy();
    expect(screen.getByText('$0.12 a minute')).toBeTruthy();
    expect(screen.getByRole('img', { name: /^Spending by the minute: \$/ })).toBeTruthy();
    expect(asked()).toEqual([{ run: 'run-1', by: 'agent' }]);
  });

  it('asks for another grouping and another period', async () => {
    await show();
    fireEvent.click(screen.getByRole('radio', { name: 'model' }));
    await settled();
    fireEvent.change(screen.getByRole('combobox', { name: 'Period' }), { target: { value: 'all' } });
    await settled();
    expect(asked()).toEqual([{ run: 'run-1', by: 'agent' }, { run: 'run-1', by: 'model' }, { by: 'model' }]);
  });

  it('sorts by a heading and filters by what is typed', async () => {
    await show();
    expect(rows()).toEqual(['csv-writer', 'html-writer']);
    fireEvent.click(screen.getByRole('button', { name: /^cost \$/ }));
    expect(rows()).toEqual(['html-writer', 'csv-writer']);
    fireEvent.change(screen.getByRole('searchbox', { name: 'Filter rows' }), { target: { value: 'csv' } });
    await settled();
    expect(rows()).toEqual(['csv-writer']);
  });

  it('a row that is chosen by the arrow keys selects its agent', async () => {
    await show();
    fake.publish('agents', { put: [agentView('html-writer')], remove: [] });
    screen.getByRole('grid', { name: 'Costs' }).focus();
    press('ArrowDown');
    press('ArrowDown');
    expect(fake.room.ui.getState().selectedAgent).toBe('html-writer');
  });

  it('names a cap with its forecast, and raises it', async () => {
    const cap = {
      scope: 'run',
      id: 'run-1',
      measure: 'usd',
      used: 8,
      limit: 10,
      level: 'soft',
      minutesLeft: 16,
    } as const;
    await show(costOverview([costGroup('a', { usd: 8 })], { caps: [cap] }));
    expect(screen.getByText('$8.00 of $10.00')).toBeTruthy();
    expect(screen.getByText('reached in 16 min at this rate')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Raise the cap of run run-1' }));
    const content = fake.room.slots.dialog.getState().content;
    expect(content).not.toBeNull();
    renderRoom(
      fake,
      content?.(() => {}),
    );
    fireEvent.click(screen.getByRole('button', { name: 'Raise' }));
    await settled();
    expect(fake.calls).toContainEqual({ name: 'governor.raise', input: { scope: 'run', id: 'run-1', usd: 5 } });
  });

  it('shows the nearest caps first, and all when asked', async () => {
    const caps = Array.from({ length: 9 }, (_none, index) => ({
      scope: 'agent' as const,
      id: `agent-${index}`,
      measure: 'usd' as const,
      used: index + 1,
      limit: 10,
      level: 'ok' as const,
      minutesLeft: null,
    }));
    await show(costOverview([costGroup('a', { usd: 8 })], { caps }));
    const rows = () => within(screen.getByRole('list', { name: 'Caps' })).getAllByRole('listitem');
    expect(rows()).toHaveLength(4);
    expect(rows()[0]?.textContent).toContain('agent-8');
    fireEvent.click(screen.getByRole('button', { name: 'Show all 9' }));
    expect(rows()).toHaveLength(9);
    fireEvent.click(screen.getByRole('button', { name: 'Show the nearest only' }));
    expect(rows()).toHaveLength(4);
  });

  it('lists what is paused, and ends a pause of a person', async () => {
    const status = roomStatus();
    const pauses = [
      { scope: 'agent', id: 'csv-writer', by: 'operator', reason: 'csv-writer is paused', since: ago(60) },
      { scope: 'run', id: 'run-1', by: 'cap', reason: 'the run has reached its cap', since: ago(60) },
    ] as const;
    fake.publish('status', { value: { ...status, governor: { ...status.governor, pauses: [...pauses] } } });
    await show();
    expect(screen.getByText('the run has reached its cap')).toBeTruthy();
    expect(screen.getAllByRole('button', { name: /^Resume/ })).toHaveLength(1);
    fireEvent.click(screen.getByRole('button', { name: 'Resume agent csv-writer' }));
    await settled();
    expect(fake.calls).toContainEqual({
      name: 'governor.pause',
      input: { scope: 'agent', id: 'csv-writer', paused: false },
    });
  });

  it('copies the rows as CSV', async () => {
    const writeText = vi.fn(async (_text: string) => {});
    Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
    await show();
    fireEvent.click(screen.getByRole('button', { name: 'Copy as CSV' }));
    await settled();
    expect(writeText.mock.calls[0]?.[0]).toContain('\r\ncsv-writer,builder,');
  });

  it('says what nothing spent, unknown prices and long names look like', async () => {
    await show(costOverview([]));
    expect(screen.getByText('Nothing spent in this period')).toBeTruthy();
  });

  it('says why it cannot be read, and asks again', async () => {
    fake.answer('costs.overview', () => fail('unavailable', 'the engine is closing'));
    renderRoom(fake, <CostsScreen />);
    await settled();
    expect(screen.getByText('the engine is closing')).toBeTruthy();
    fake.answer('costs.overview', () => ok(costOverview([costGroup('late', { usd: 1 })])));
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await settled();
    expect(rows()).toEqual(['late']);
  });

  it('asks again when a turn has ended, and hands on the same object when the answer is the same', async () => {
    const status = roomStatus();
    const seen = new Set<unknown>();
    fake.answer('costs.overview', () => ok(costOverview([costGroup('csv-writer', { usd: 2.5 })])));
    renderRoom(fake, <Watched onRender={(value) => seen.add(value)} />);
    await settled();
    act(() => fake.publish('status', { value: { ...status, governor: { ...status.governor, unpricedTurns: 1 } } }));
    await settled();
    expect(asked()).toHaveLength(2);
    expect([...seen].filter((value) => value !== null)).toHaveLength(1);
  });
});

/** Hands on every value it is rendered with. */
function Watched({ onRender }: { onRender(value: unknown): void }) {
  const governor = useStatus((status) => status.governor);
  const { value } = useAnswer('costs.overview', { by: 'agent' }, governor);
  onRender(value);
  return null;
}
