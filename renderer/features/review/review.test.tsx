import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AgentChanges, DiffLine, FileDiff } from '../../../contract/changes.ts';
import { ok } from '../../../contract/result.ts';
import type { PreferenceStorage } from '../../stores/preferences.ts';
import { type FakeRoom, fakeRoom, lastingStorage, press, renderRoom, settled } from '../../testing/fakeRoom.tsx';
import { agentView, roomStatus } from '../../testing/fixtures.ts';
import { ReviewDialog } from './ReviewDialog.tsx';
import { anchorOf, diffRows, followed, placeOf, reviewMail, reviewReader, rowOf, wordMarks } from './reviewRules.ts';
import { reviewStore } from './reviewStore.ts';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const same = (number: number, text: string): DiffLine => ({ kind: 'same', old: number, new: number, text });
const removed = (number: number, text: string): DiffLine => ({ kind: 'removed', old: number, new: null, text });
const added = (number: number, text: string): DiffLine => ({ kind: 'added', old: null, new: number, text });

const DIFF: FileDiff = {
  path: 'src/tax.ts',
  hunks: [
    {
      old: 3,
      new: 3,
      heading: 'function tax() {',
      lines: [
        same(3, 'above'),
        removed(4, 'const rate = 0.19;'),
        added(4, 'const rate = 0.2;'),
        added(5, 'extra'),
        same(5, 'below'),
      ],
    },
  ],
  note: null,
};

describe('the difference of a file', () => {
  it('is one row a line, or removed and added lines beside each other', () => {
    const texts = (mode: 'unified' | 'split') =>
      diffRows(DIFF, mode).map((row) =>
        row.kind === 'hunk' ? row.words : [row.left?.text ?? null, row.right?.text ?? null],
      );
    expect(texts('unified')).toEqual([
      'line 3 · function tax() {',
      [null, 'above'],
      ['const rate = 0.19;', null],
      [null, 'const rate = 0.2;'],
      [null, 'extra'],
      [null, 'below'],
    ]);
    expect(texts('split').slice(1)).toEqual([
      ['above', 'above'],
      ['const rate = 0.19;', 'const rate = 0.2;'],
      [null, 'extra'],
      ['below', 'below'],
    ]);
  });

  it('marks what changed within a rewritten line, and nothing where the line is another', () => {
    const marks = [...wordMarks(DIFF)].map(([line, { from, to }]) => line.text.slice(from, to));
    expect(marks).toEqual(['19', '2']);
    const other = {
      ...DIFF,
      hunks: [{ old: 1, new: 1, heading: '', lines: [removed(1, 'abcdef'), added(1, 'uvwxyz')] }],
    };
    expect(wordMarks(other).size).toBe(0);
  });

  it('whatever lines: both layouts show every line once, and a comment finds its row again', () => {
    const kind = fc.constantFrom<DiffLine['kind']>('same', 'added', 'removed');
    fc.assert(
      fc.property(fc.array(kind, { minLength: 1, maxLength: 30 }), fc.nat(29), fc.nat(29), (kinds, one, other) => {
        let [old, now] = [1, 1];
        const lines = kinds.map((which): DiffLine => {
          if (which === 'added') return added(now++, `n${now}`);
          if (which === 'removed') return removed(old++, `o${old}`);
          return { kind: 'same', old: old++, new: now++, text: `s${old}` };
        });
        const diff: FileDiff = { path: 'a', hunks: [{ old: 1, new: 1, heading: '', lines }], note: null };
        for (const mode of ['unified', 'split'] as const) {
          const rows = diffRows(diff, mode);
          const shown = rows.flatMap((row) =>
            row.kind === 'hunk'
              ? []
              : [row.left, row.right === row.left ? null : row.right].filter((line) => line !== null),
          );
          expect(new Set(shown)).toEqual(new Set(lines));
          expect(shown).toHaveLength(lines.length);
          const anchor = anchorOf(rows, 1 + (one % (rows.length - 1)), 1 + (other % (rows.length - 1)));
          expect(anchor).not.toBeNull();
          if (anchor !== null) {
            expect(rowOf(rows, anchor)).toBeGreaterThan(0);
            expect(followed(diff, anchor)).toEqual({ from: anchor.from, to: anchor.to });
          }
        }
      }),
    );
  });
});

const CHANGES: AgentChanges = {
  agentName: 'ada',
  branch: 'overstory/ada/OV-1',
  target: 'main',
  base: 'a'.repeat(40),
  head: 'b'.repeat(40),
  tip: 'c'.repeat(40),
  worktree: '/w/ada',
  files: [
    { path: 'src/tax.ts', from: null, change: 'modified', added: 2, removed: 1, uncommitted: true },
    { path: 'logo.png', from: null, change: 'added', added: null, removed: null, uncommitted: false },
  ],
  count: 2,
  added: 2,
  removed: 1,
  uncommitted: 1,
};

describe('a comment on lines that changed since', () => {
  const now = (...lines: DiffLine[]): FileDiff => ({
    path: 'a',
    hunks: [{ old: 1, new: 1, heading: '', lines }],
    note: null,
  });
  const comment = { side: 'new', from: 4, to: 5, quote: ['- old', '+ one', '  two'] } as const;

  it.each([
    ['stays', now(same(3, 'x'), added(4, 'one'), added(5, 'two')), { from: 4, to: 5 }],
    ['goes with its lines', now(added(7, 'x'), added(8, 'one'), same(9, 'two')), { from: 8, to: 9 }],
    [
      'goes to the nearest of several',
      now(added(1, 'one'), added(2, 'two'), added(6, 'one'), added(7, 'two')),
      { from: 6, to: 7 },
    ],
    ['is without a place when they are rewritten', now(added(4, 'one'), added(5, 'three')), null],
    ['is without a place when they are only removed lines', now(removed(4, 'one'), removed(5, 'two')), null],
  ])('%s', (_words, diff, place) => {
    expect(followed(diff, comment)).toEqual(place);
  });
});

describe('the mail of a review', () => {
  it('names each place with its quote, in the order of files and lines', () => {
    const comment = {
      id: 1,
      path: 'src/tax.ts',
      side: 'new',
      from: 4,
      to: 5,
      quote: ['+ a', '+ b'],
      head: CHANGES.head,
      text: ' Why? ',
    } as const;
    const { subject, body } = reviewMail(
      CHANGES,
      [
        comment,
        {
          ...comment,
          id: 2,
          path: 'a.ts',
          side: 'old',
          from: 9,
          to: 9,
          quote: ['- x'],
          head: 'e'.repeat(40),
          text: 'Keep it',
        },
      ],
      'Good work.\n',
    );
    expect(subject).toBe('Review of overstory/ada/OV-1: 2 comments');
    expect(body.split('\n\n').slice(1)).toEqual([
      'Good work.',
      'a.ts:9 (before the change) (as of eeeeeeeeee)\n> - x\nKeep it',
      'src/tax.ts:4-5\n> + a\n> + b\nWhy?',
    ]);
    expect(placeOf({ ...comment, to: 4 })).toBe('src/tax.ts:4');
  });

  it('goes to the agent, to its parent when it has ended, to nobody when both have', () => {
    const lead = agentView('lead', { capability: 'lead' });
    const done = agentView('ada', { status: 'done', parent: 'lead' });
    expect(reviewReader(agentView('ada'), {})).toBe('ada');
    expect(reviewReader(done, { lead })).toBe('lead');
    expect(reviewReader(done, { lead: { ...lead, state: 'completed' } })).toBeNull();
    expect(reviewReader(done, {})).toBeNull();
  });
});

/** What a test's engine shows, and where the page keeps drafts. */
interface Seen {
  readonly storage: PreferenceStorage;
  readonly diff: FileDiff;
  readonly changes: AgentChanges;
}

async function open(
  more: Parameters<typeof agentView>[1] = {},
  { storage = null, diff = DIFF, changes = CHANGES }: Partial<Seen> = {},
): Promise<FakeRoom> {
  const fake = fakeRoom({ storage });
  fake.publish('status', { value: roomStatus() });
  fake.answer('agents.changes', () => ok(changes));
  fake.answer('agents.diff', (input) =>
    ok(
      (input as { path: string }).path === 'logo.png' ? { path: 'logo.png', hunks: [], note: 'It has no lines' } : diff,
    ),
  );
  fake.answer('mail.send', () => ok({ messageIds: ['m1'], recipients: ['ada'], warnings: [] }));
  fake.publish('agents', { put: [agentView('ada', more)], remove: [] });
  renderRoom(fake, <ReviewDialog name="ada" close={() => {}} />);
  await settled();
  return fake;
}

const lines = () => screen.getByRole('listbox', { name: 'Changes of src/tax.ts' });

describe('a review', () => {
  it('by keyboard: lines are chosen, a comment is written, and one mail is sent', async () => {
    const fake = await open();
    act(() => lines().focus());
    press('ArrowDown');
    press('ArrowDown');
    press('ArrowDown', { shiftKey: true });
    expect(screen.getAllByRole('option', { selected: true }).filter((row) => lines().contains(row))).toHaveLength(2);
    press('Enter');
    const field = screen.getByRole('textbox', { name: 'Comment on src/tax.ts:4' });
    fireEvent.change(field, { target: { value: 'Name the source of this rate' } });
    fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
    expect(screen.getByRole('article', { name: 'Comment on src/tax.ts:4' }).textContent).toContain('Name the source');
    expect(document.activeElement).toBe(lines());
    fireEvent.click(screen.getByRole('button', { name: 'Send to ada' }));
    await settled();
    const sent = fake.calls.filter((call) => call.name === 'mail.send');
    expect(sent).toHaveLength(1);
    expect(sent[0]?.input).toMatchObject({
      to: 'ada',
      from: 'operator',
      subject: 'Review of overstory/ada/OV-1: 1 comment',
    });
    expect(JSON.stringify(sent[0]?.input)).toContain(
      JSON.stringify('src/tax.ts:4\n> - const rate = 0.19;\n> + const rate = 0.2;\nName the source of this rate').slice(
        1,
        -1,
      ),
    );
    expect(reviewStore(fake.room).getState().drafts).toEqual({});
  });

  it('by mouse: a press and a drag choose lines; the draft outlives the dialogue', async () => {
    const fake = await open();
    const row = (text: string) => within(lines()).getByText(text).closest('[role="option"]') as HTMLElement;
    fireEvent.pointerDown(row('above'), { button: 0 });
    fireEvent.pointerEnter(row('extra'));
    fireEvent.pointerUp(window);
    fireEvent.pointerEnter(row('below'));
    fireEvent.click(screen.getByRole('button', { name: 'Comment' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'Comment on src/tax.ts:3-5' }), {
      target: { value: 'All of it' },
    });
    fireEvent.click(screen.getByRole('button', { name: 'Add comment' }));
    cleanup();
    renderRoom(fake, <ReviewDialog name="ada" close={() => {}} />);
    await settled();
    expect(screen.getByText('All of it')).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Edit' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'Comment on src/tax.ts:3-5' }), {
      target: { value: 'Some of it' },
    });
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(screen.getByText('Some of it')).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Remove' }));
    expect(screen.queryByText('Some of it')).toBeNull();
  });

  it('shows both layouts, other files, and what has no lines', async () => {
    await open();
    fireEvent.click(screen.getByRole('radio', { name: 'Side by side' }));
    expect(within(lines()).getAllByRole('option')).toHaveLength(4);
    act(() => screen.getByRole('listbox', { name: 'Changed files' }).focus());
    press('ArrowDown');
    await settled();
    expect(screen.getByText('It has no lines')).toBeDefined();
  });

  it('of an agent that has ended can still be read and copied', async () => {
    await open({ status: 'done' });
    expect(screen.getByText(/has ended and reads no more mail/)).toBeDefined();
    expect(screen.getByRole('button', { name: 'Copy review' })).toHaveProperty('disabled', true);
  });

  describe('after the page is loaded again', () => {
    const write = (text: string) => {
      act(() => lines().focus());
      for (let line = 0; line < 3; line += 1) press('ArrowDown');
      press('Enter');
      const field = screen.getByRole('textbox', { name: 'Comment on src/tax.ts:4' });
      fireEvent.change(field, { target: { value: text } });
      fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
      fireEvent.change(screen.getByRole('textbox', { name: 'Words about the whole' }), { target: { value: 'Nearly' } });
    };
    /** Writes a draft, and opens the room anew on what the agent has done since. */
    const reopened = async (since: Partial<Omit<Seen, 'storage'>>) => {
      const storage = lastingStorage();
      await open({}, { storage });
      write('Whose rate?');
      cleanup();
      return open({}, { storage, ...since });
    };

    it('comments and words are there, and gone once they are sent', async () => {
      const storage = lastingStorage();
      await open({}, { storage });
      write('Whose rate?');
      cleanup();
      const fake = await open({}, { storage });
      expect(within(lines()).getByText('Whose rate?')).toBeDefined();
      expect(screen.queryByText(/no longer/)).toBeNull();
      expect(screen.getByRole('textbox', { name: 'Words about the whole' })).toHaveProperty('value', 'Nearly');
      fireEvent.click(screen.getByRole('button', { name: 'Send to ada' }));
      await settled();
      expect(JSON.stringify(fake.calls)).toContain('Whose rate?');
      cleanup();
      await open({}, { storage });
      expect(screen.getByText('choose lines to comment')).toBeDefined();
    });

    it('one whose lines moved stands with them, and is sent with their new place', async () => {
      const moved = [added(3, 'first'), added(4, 'second'), added(5, 'const rate = 0.2;')];
      const head = 'd'.repeat(40);
      const fake = await reopened({
        diff: { ...DIFF, hunks: [{ old: 3, new: 3, heading: '', lines: moved }] },
        changes: { ...CHANGES, head },
      });
      expect(screen.getByRole('article', { name: 'Comment on src/tax.ts:5' }).textContent).toContain('Whose rate?');
      fireEvent.click(screen.getByRole('button', { name: 'Send to ada' }));
      await settled();
      expect(JSON.stringify(fake.calls)).toContain('src/tax.ts:5\\n> + const rate = 0.2;');
    });

    it('one whose line is gone shows what it was about', async () => {
      const head = 'd'.repeat(40);
      await reopened({
        diff: { ...DIFF, hunks: [{ old: 3, new: 3, heading: '', lines: [added(4, 'another')] }] },
        changes: { ...CHANGES, head },
      });
      const card = within(lines()).getByRole('article', { name: 'Comment on src/tax.ts:4' });
      expect(card.textContent).toContain('line 4 at bbbbbbbbbb · no longer there');
      expect(card.textContent).toContain('+ const rate = 0.2;');
      expect(card.textContent).toContain('Whose rate?');
    });

    it.each([
      ['among other files', CHANGES.files.slice(1)],
      ['with nothing changed at all', []],
    ])('one whose file is no longer changed is shown %s, and can be removed', async (_words, files) => {
      await reopened({ changes: { ...CHANGES, files, count: files.length } });
      const stranded = screen.getByRole('region', { name: 'Comments without a place' });
      expect(stranded.textContent).toContain('src/tax.ts');
      expect(stranded.textContent).toContain('+ const rate = 0.2;');
      fireEvent.click(within(stranded).getByRole('button', { name: 'Remove' }));
      expect(screen.queryByRole('region', { name: 'Comments without a place' })).toBeNull();
    });

    describe('words in an open editor', () => {
      const editor = (line = 4) =>
        screen.getByRole<HTMLTextAreaElement>('textbox', { name: `Comment on src/tax.ts:${line}` });
      const begin = (text: string) => {
        act(() => lines().focus());
        for (let line = 0; line < 3; line += 1) press('ArrowDown');
        press('Enter');
        expect(document.activeElement).toBe(editor());
        fireEvent.change(editor(), { target: { value: text } });
      };

      it('are there, and become a comment', async () => {
        const storage = lastingStorage();
        await open({}, { storage });
        begin('Half a thou');
        cleanup();
        await open({}, { storage });
        expect(editor().value).toBe('Half a thou');
        expect(document.activeElement).not.toBe(editor());
        fireEvent.change(editor(), { target: { value: 'Half a thought' } });
        fireEvent.click(screen.getByRole('button', { name: 'Add comment' }));
        expect(screen.getByRole('article', { name: 'Comment on src/tax.ts:4' }).textContent).toContain('thought');
        expect(document.activeElement).toBe(lines());
      });

      it('of a comment that is changed are there beside what it says', async () => {
        const storage = lastingStorage();
        await open({}, { storage });
        write('Whose rate?');
        fireEvent.click(screen.getByRole('button', { name: 'Edit' }));
        fireEvent.change(editor(), { target: { value: 'Whose rate, and since when?' } });
        cleanup();
        await open({}, { storage });
        expect(editor().value).toBe('Whose rate, and since when?');
        fireEvent.click(within(lines()).getByRole('button', { name: 'Cancel' }));
        expect(screen.getByRole('article', { name: 'Comment on src/tax.ts:4' }).textContent).toContain('Whose rate?');
        cleanup();
        await open({}, { storage });
        expect(within(lines()).queryByRole('textbox')).toBeNull();
        expect(within(lines()).getByText('Whose rate?')).toBeDefined();
      });

      it('stay when Escape, another line or another file leaves them; an empty editor goes', async () => {
        const storage = lastingStorage();
        await open({}, { storage });
        begin('Half a thought');
        press('Escape');
        expect(document.activeElement).toBe(lines());
        expect(editor().value).toBe('Half a thought');
        fireEvent.pointerDown(within(lines()).getByText('below').closest('[role="option"]') as HTMLElement, {
          button: 0,
        });
        fireEvent.pointerUp(window);
        fireEvent.click(screen.getByRole('button', { name: 'Comment' }));
        expect(editor(5).value).toBe('');
        press('Escape');
        expect(screen.queryByRole('textbox', { name: 'Comment on src/tax.ts:5' })).toBeNull();
        act(() => screen.getByRole('listbox', { name: 'Changed files' }).focus());
        press('ArrowDown');
        await settled();
        press('ArrowUp');
        await settled();
        expect(editor().value).toBe('Half a thought');
      });

      it('are sent with the rest, and thrown away with it', async () => {
        const storage = lastingStorage();
        const fake = await open({}, { storage });
        begin('Never added, still meant');
        expect(screen.getByText('1 comment')).toBeDefined();
        fireEvent.click(screen.getByRole('button', { name: 'Send to ada' }));
        await settled();
        expect(JSON.stringify(fake.calls)).toContain('Never added, still meant');
        cleanup();
        await open({}, { storage });
        expect(within(lines()).queryByRole('textbox')).toBeNull();
        begin('Not this');
        fireEvent.click(screen.getByRole('button', { name: 'Throw away' }));
        expect(within(lines()).queryByRole('textbox')).toBeNull();
        cleanup();
        await open({}, { storage });
        expect(screen.getByText('choose lines to comment')).toBeDefined();
      });
    });

    it('in another project there is no draft', async () => {
      const storage = lastingStorage();
      await open({}, { storage });
      write('Whose rate?');
      cleanup();
      const other = fakeRoom({ storage });
      const status = roomStatus();
      other.publish('status', { value: { ...status, project: { ...status.project, root: '/home/operator/another' } } });
      expect(reviewStore(other.room).getState().drafts).toEqual({});
    });
  });
});
