import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fail, ok } from '../../../../contract/result.ts';
import type { TimelineItem } from '../../../../contract/timeline.ts';
import { type FakeRoom, fakeRoom, press, renderRoom, settled } from '../../../testing/fakeRoom.tsx';
import { ago, transcriptItem as item } from '../../../testing/fixtures.ts';
import { TranscriptView } from './TranscriptView.tsx';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const ITEMS = [
  item(11, 'turnStart', { title: 'Turn 2 · 1 mail' }),
  item(12, 'text', { body: 'I change the rounding.' }),
  item(13, 'tool', { callId: 'a', title: 'Edit src/round.ts', body: '- floor\n+ round', added: 1, removed: 1 }),
  item(14, 'result', { callId: 'a', body: 'edited' }),
  item(15, 'tool', { callId: 'b', title: 'Bash npm test' }),
];
const news = (id: number, agent: string): TimelineItem => ({
  id,
  at: ago(1),
  runId: null,
  agent,
  kind: 'text',
  summary: '',
  to: null,
  toolName: null,
  level: 'info',
  durationMs: null,
  state: null,
});

async function transcript(): Promise<FakeRoom> {
  const fake = fakeRoom();
  fake.answer('transcripts.page', (input) =>
    (input as { before?: number }).before === undefined
      ? ok({ items: ITEMS, before: 11 })
      : ok({ items: [item(2, 'turnStart', { title: 'Turn 1' }), item(3, 'turnEnd')], before: null }),
  );
  renderRoom(fake, <TranscriptView agentName="worker" />);
  await settled();
  return fake;
}
const tree = () => screen.getByRole('tree', { name: 'Transcript of worker' });
const rows = () => within(tree()).getAllByRole('treeitem');
const current = () => rows().find((row) => row.getAttribute('aria-selected') === 'true')?.textContent;

describe('a transcript', () => {
  test('reads as turns, words and tools, with what an edit changed', async () => {
    await transcript();
    expect(rows().map((row) => row.textContent)).toEqual([
      expect.stringContaining('Turn 2 · 1 mail'),
      'I change the rounding.',
      expect.stringMatching(/doneEditsrc\/round\.ts\+1 −1/),
      expect.stringContaining('no result yetBashnpm test'),
    ]);
    expect(screen.queryByText('edited')).toBeNull();
  });

  test('is walked, folded and unfolded by keyboard, one row or all', async () => {
    await transcript();
    act(() => tree().focus());
    for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowRight']) press(key);
    expect(current()).toContain('edited');
    expect(tree().getAttribute('aria-activedescendant')).toBe('transcript-worker-13');
    press('ArrowLeft');
    expect(screen.queryByText('edited')).toBeNull();
    press('-');
    expect(rows()).toHaveLength(1);
    expect(current()).toContain('3 steps');
    press('+');
    expect(rows()).toHaveLength(4);
    expect(screen.getByText('edited')).toBeDefined();
  });

  test('a row is copied by C, all of it by the button', async () => {
    const fake = await transcript();
    const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    act(() => tree().focus());
    for (const key of ['Home', 'ArrowDown', 'c']) press(key);
    expect(write).toHaveBeenLastCalledWith('I change the rounding.');
    fireEvent.click(screen.getByRole('button', { name: 'Copy the transcript' }));
    expect(write.mock.lastCall?.[0]).toContain('> Edit src/round.ts\n- floor\n+ round\nedited');
    await settled();
    expect(fake.room.notices.store.getState().items.at(-1)?.text).toBe('Copied the transcript of worker.');
  });

  test('goes on with the agent, and not with others', async () => {
    const fake = await transcript();
    const asked = () => fake.calls.length;
    expect(asked()).toBe(1);
    fake.publish('timeline', { append: [news(20, 'somebody else')] });
    await settled();
    expect(asked()).toBe(1);
    fake.answer('transcripts.page', () =>
      ok({ items: [...ITEMS.slice(2), item(21, 'text', { body: 'All green.' })], before: 13 }),
    );
    fake.publish('timeline', { append: [news(21, 'worker')] });
    await settled();
    expect(rows().at(-1)?.textContent).toBe('All green.');
    expect(rows()).toHaveLength(5);
  });

  test('what came before is asked for', async () => {
    await transcript();
    fireEvent.click(screen.getByRole('button', { name: 'Show what came before' }));
    await settled();
    expect(rows()[0]?.textContent).toContain('Turn 1');
    expect(screen.queryByRole('button', { name: 'Show what came before' })).toBeNull();
  });

  test('says when it cannot be read, and tries again', async () => {
    const fake = fakeRoom();
    fake.answer('transcripts.page', () => fail('unavailable', 'the events cannot be read'));
    renderRoom(fake, <TranscriptView agentName="worker" />);
    expect(screen.getByRole('status', { name: 'Loading the transcript' })).toBeDefined();
    await settled();
    expect(screen.getByText('the events cannot be read')).toBeDefined();
    fake.answer('transcripts.page', () => ok({ items: [], before: null }));
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await settled();
    expect(screen.getByText('Nothing to read yet')).toBeDefined();
  });
});
