import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useStore } from 'zustand';
import type { LossAudit } from '../../../contract/lossAudit.ts';
import type { MergeDetail } from '../../../contract/mergeDetail.ts';
import type { MergeHold, MergeView } from '../../../contract/merges.ts';
import { fail, ok } from '../../../contract/result.ts';
import { useRoom } from '../../stores/hooks.ts';
import { type FakeRoom, fakeRoom, press, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { ago, mergeView } from '../../testing/fixtures.ts';
import { MergeScreen } from './MergeScreen.tsx';
import { mergeActions } from './mergeActions.tsx';
import { mergeStore } from './mergeStore.ts';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

/** Shows the room's dialogue, as the frame does. */
function Dialogues() {
  const { slots } = useRoom();
  const content = useStore(slots.dialog, (state) => state.content);
  return content === null ? null : content(() => slots.dialog.setState({ content: null }));
}

const AUDIT: LossAudit = {
  ok: false,
  hunks: { target: 2, branch: 3, present: 3 },
  counts: { superseded: 1, dropped: 0, lost: 1 },
  findings: [
    {
      file: 'src/tax.ts',
      side: 'branch',
      what: 'added',
      line: 12,
      lines: 2,
      text: 'const rate = 0.19;',
      verdict: 'lost',
      reason: 'no line of the result stands for it',
      by: null,
      decision: null,
    },
    {
      file: 'src/tax.ts',
      side: 'target',
      what: 'removed',
      line: 3,
      lines: 1,
      text: 'old',
      verdict: 'superseded',
      reason: 'rewritten by both',
      by: { version: 'result', file: 'src/tax.ts', line: 4, text: 'new' },
      decision: null,
    },
  ],
};

const HOLD: MergeHold = {
  kind: 'loss',
  reason: 'held: 1 change would be lost',
  at: ago(20),
  target: 'main',
  targetCommit: 'a'.repeat(40),
  branchCommit: 'b'.repeat(40),
  commit: 'c'.repeat(40),
  tier: 'ai-resolve',
  conflictFiles: ['src/tax.ts'],
  audit: AUDIT,
  gate: null,
};

function detailOf(id: number, more: Partial<MergeDetail> = {}): MergeDetail {
  return {
    id,
    trace: {
      startedAt: ago(40),
      steps: [
        {
          kind: 'tier',
          at: ago(40),
          ms: 12,
          tier: 'clean-merge',
          resolved: [],
          left: [{ path: 'src/tax.ts', reason: 'content' }],
          model: null,
        },
        {
          kind: 'tier',
          at: ago(39),
          ms: 4_200,
          tier: 'ai-resolve',
          resolved: ['src/tax.ts'],
          left: [],
          model: {
            model: 'sonnet',
            asked: 2,
            failed: 1,
            charactersIn: 8_000,
            charactersOut: 400,
            ms: 4_000,
            tokensIn: 2_000,
            tokensOut: 100,
            usd: 0.0075,
          },
        },
        { kind: 'audit', at: ago(30), ms: 8, audit: AUDIT },
        {
          kind: 'gate',
          at: ago(29),
          ms: 70_000,
          name: 'Unit tests',
          command: 'npm test',
          outcome: 'failed',
          exitCode: 1,
          log: '.overstory/logs/merge/x/1.log',
        },
      ],
    },
    commit: {
      id: 'c'.repeat(40),
      subject: 'Merge branch',
      trailers: [{ name: 'Overstory-Agent', value: 'agent-2' }],
      merged: false,
    },
    conflicts: {
      ours: 'main',
      theirs: 'overstory/agent-2/OV-2',
      files: [
        { path: 'src/tax.ts', kind: 'content', words: 'Both sides changed the same lines' },
        { path: 'logo.png', kind: 'binary', words: 'Both sides changed a file without lines' },
      ],
      count: 2,
    },
    problem: null,
    prediction: null,
    worktree: '/project/.overstory/worktrees/agent-2',
    stale: false,
    ...more,
  };
}

async function open(merges: readonly MergeView[], more: Partial<MergeDetail> = {}): Promise<FakeRoom> {
  const fake = fakeRoom();
  fake.room.actions.register(mergeActions);
  fake.room.ui.setState({ screen: 'merge' });
  fake.answer('merges.detail', (input) => ok(detailOf((input as { id: number }).id, more)));
  fake.answer('merges.run', () => ok({ results: [] }));
  fake.publish('merges', { put: [...merges], remove: [] });
  renderRoom(
    fake,
    <>
      <MergeScreen />
      <Dialogues />
    </>,
  );
  await settled();
  return fake;
}

const rows = (): readonly string[] =>
  within(screen.getByRole('listbox', { name: 'Merge queue' }))
    .getAllByRole('option')
    .map((row) => row.textContent ?? '');

const queue = [
  mergeView(1, { status: 'merged', resolvedTier: 'clean-merge', conflictFiles: [], finishedAt: ago(100) }),
  mergeView(2, { status: 'conflict', resolvedTier: 'ai-resolve', hold: HOLD, errorMessage: HOLD.reason }),
  mergeView(3, { status: 'pending', conflictFiles: [] }),
  mergeView(4, {
    status: 'merging',
    conflictFiles: [],
    progress: { stage: 'checking', tier: 'clean-merge', gate: 'Unit tests', since: ago(3) },
  }),
];

describe('the merge queue', () => {
  it('shows what wants a person first, then what runs and waits, then what is merged', async () => {
    await open(queue);
    expect(rows().map((row) => /agent-\d/.exec(row)?.[0])).toEqual(['agent-2', 'agent-4', 'agent-3', 'agent-1']);
    expect(rows()[0]).toContain('1 change would be lost');
    expect(rows()[1]).toContain('checking: Unit tests');
    expect(screen.getByRole('button', { name: 'Merge all 1' })).toBeDefined();
  });

  it('is walked by keyboard, and merging again is one key', async () => {
    const fake = await open(queue);
    act(() => screen.getByRole('listbox', { name: 'Merge queue' }).focus());
    press('ArrowDown');
    press('j');
    await settled();
    expect(mergeStore(fake.room).getState().chosen).toBe('3');
    expect(fake.room.actions.run('merge.now', fake.room)).toBe(true);
    await settled();
    expect(fake.calls).toContainEqual({ name: 'merges.run', input: { branch: 'overstory/agent-3/OV-3' } });
    expect(fake.room.actions.run('merge.accept', fake.room)).toBe(false);
  });

  it('of nothing says what will be there', async () => {
    await open([]);
    expect(screen.getByText('Nothing to merge')).toBeDefined();
  });

  it('chooses another entry when the chosen one is taken out', async () => {
    const fake = await open(queue);
    fake.publish('merges', { put: [], remove: ['2'] });
    await settled();
    expect(mergeStore(fake.room).getState().chosen).toBe('4');
  });
});

describe('a merge', () => {
  it('tells what happened tier by tier, with the meter of the model', async () => {
    await open(queue);
    const steps = screen.getByRole('region', { name: 'What happened' });
    expect(steps.textContent).toContain(
      'sonnet: 2 questions, 1 without an answer · about 2.0k tokens in, 100 out · about $0.01',
    );
    expect(steps.textContent).toContain('3 of 5 hunks kept as made');
    expect(steps.textContent).toContain('check: Unit tests');
    expect(screen.getByRole('list', { name: 'Merge tiers' }).textContent).toContain('reimagine');
  });

  it('that is held is accepted only after its losses were named', async () => {
    const fake = await open(queue);
    fake.answer('merges.accept', () => ok({ success: true, errorMessage: null }));
    fireEvent.click(screen.getByRole('button', { name: 'Accept the loss…' }));
    const dialog = await screen.findByRole('dialog', { name: /Accept that 1 change would be lost/ });
    expect(within(dialog).getByRole('list', { name: 'What would be lost' }).textContent).toContain(
      'const rate = 0.19;',
    );
    expect(fake.calls.some((call) => call.name === 'merges.accept')).toBe(false);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Accept losing 1 change' }));
    await settled();
    expect(fake.calls).toContainEqual({ name: 'merges.accept', input: { id: 2, what: 'loss', by: 'operator' } });
  });

  it('whose sides have moved cannot be accepted', async () => {
    await open(queue, { stale: true });
    expect(screen.getByRole('button', { name: 'Accept the loss…' })).toHaveProperty('disabled', true);
    expect(screen.getByText(/has moved since/)).toBeDefined();
  });

  it('shows conflicts side by side, with what both came from', async () => {
    const fake = fakeRoom();
    fake.answer('merges.conflict', (input) =>
      ok({
        file: { path: (input as { path: string }).path, kind: 'content', words: '' },
        has: { base: true, ours: true, theirs: true },
        hunks:
          (input as { path: string }).path === 'logo.png'
            ? []
            : [
                {
                  line: 12,
                  before: ['above'],
                  ours: { lines: ['ours line'], count: 1 },
                  base: { lines: ['base line'], count: 1 },
                  theirs: { lines: ['theirs line'], count: 5 },
                  after: [],
                },
              ],
        hunkCount: 1,
        note: (input as { path: string }).path === 'logo.png' ? 'It holds no text' : null,
      }),
    );
    fake.answer('merges.detail', (input) => ok(detailOf((input as { id: number }).id)));
    fake.room.actions.register(mergeActions);
    mergeStore(fake.room).setState({ chosen: '2', detail: 'conflicts' });
    fake.publish('merges', { put: queue, remove: [] });
    renderRoom(fake, <MergeScreen />);
    await settled();
    const place = screen.getByRole('article', { name: 'Place 1 of 1, line 12' });
    for (const text of ['ours line', 'base line', 'theirs line', '4 further lines'])
      expect(place.textContent).toContain(text);
    fireEvent.click(screen.getByRole('checkbox', { name: 'Show where they parted' }));
    expect(screen.getByRole('article').textContent).not.toContain('base line');
    act(() => screen.getByRole('listbox', { name: 'Conflicting files' }).focus());
    press('ArrowDown');
    await settled();
    expect(screen.getByText('It holds no text')).toBeDefined();
  });

  it('shows what the auditor found, and who stands for what', async () => {
    const fake = await open(queue);
    act(() => mergeStore(fake.room).setState({ detail: 'audit' }));
    expect(
      screen.getAllByRole('listitem').some((row) => row.textContent?.includes('stands for it: src/tax.ts:4')),
    ).toBe(true);
    fireEvent.click(screen.getByRole('radio', { name: 'Lost 1' }));
    expect(screen.queryByText('src/tax.ts:4')).toBeNull();
  });

  it('shows the output of its checks', async () => {
    const fake = await open(queue);
    fake.answer('merges.gateLog', () => ok({ text: '2 tests failed', skipped: 2_048 }));
    act(() => mergeStore(fake.room).setState({ detail: 'checks' }));
    await settled();
    expect(screen.getByRole('region', { name: 'Output of the check' }).textContent).toBe(
      '(2 KiB before this are left out)\n2 tests failed',
    );
  });

  it('that cannot be told of says why and can be asked again', async () => {
    const fake = fakeRoom();
    let asked = 0;
    fake.answer('merges.detail', () => {
      asked += 1;
      return fail('notFound', 'There is no merge 2 in the queue');
    });
    fake.publish('merges', { put: queue, remove: [] });
    renderRoom(fake, <MergeScreen />);
    await settled();
    expect(screen.getByText('There is no merge 2 in the queue')).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await settled();
    expect(asked).toBe(2);
  });
});
