import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeliveredMail } from './mailBatch.ts';
import { acceptTurn, branchCursor, type Cursor, NO_PROGRESS, nextCursor, type Progress, stepAt } from './progress.ts';
import type { Handler, Script } from './script.ts';
import type { Step } from './steps.ts';

const say = (text: string): Step => ({ kind: 'say', text });
const when = (inner: readonly Step[], other: readonly Step[] = []): Step => ({
  kind: 'when',
  value: 'x',
  equals: 'x',
  contains: null,
  atLeast: null,
  do: inner,
  else: other,
});
const handler = (fields: Partial<Handler>): Handler => ({
  type: 'status',
  from: null,
  subject: null,
  body: null,
  count: null,
  steps: [say('x')],
  ...fields,
});
const script = (handlers: readonly Handler[]): Script => ({ start: [say('hello')], handlers, lineOf: () => 0 });
const mail = (fields: Partial<DeliveredMail>): DeliveredMail => ({
  id: null,
  from: 'lead-1',
  subject: 'Hello World',
  body: 'text',
  type: 'status',
  priority: 'normal',
  threadId: null,
  payload: {},
  ...fields,
});
const begun: Progress = { ...NO_PROGRESS, started: true };
const lists = (progress: Progress) => progress.frames.map((frame) => frame.list);
const accept = (handlers: readonly Handler[], mails: readonly DeliveredMail[], progress = begun) =>
  acceptTurn(progress, script(handlers), { mails, text: '' });

describe('what a turn asks for', () => {
  it('runs the start once in a conversation, before the mail', () => {
    const first = acceptTurn(NO_PROGRESS, script([handler({})]), { mails: [mail({ id: 'm1' })], text: '' });
    expect(lists(first)).toEqual(['start', 0]);
    const second = acceptTurn({ ...first, frames: [] }, script([handler({})]), { mails: [], text: '' });
    expect(second.frames).toEqual([]);
  });

  it('takes a mail once, however often it is delivered', () => {
    const handlers = [handler({})];
    const once = accept(handlers, [mail({ id: 'm1' }), mail({ id: 'm1' })]);
    expect(lists(once)).toEqual([0]);
    expect(lists(accept(handlers, [mail({ id: 'm1' })], once))).toEqual([0]);
  });

  it.each<[string, Partial<Handler>, Partial<DeliveredMail>, boolean]>([
    ['same type', {}, {}, true],
    ['other type', { type: 'question' }, {}, false],
    ['sender', { from: 'lead-1' }, {}, true],
    ['other sender', { from: 'lead-2' }, {}, false],
    ['part of the subject in any case', { subject: 'wORLD' }, {}, true],
    ['not in the subject', { subject: 'moon' }, {}, false],
    ['part of the body', { body: 'EX' }, {}, true],
    ['any for a mail nobody wants', { type: 'any' }, { type: 'error' }, true],
    ['any leaves the dispatch to the start', { type: 'any' }, { type: 'dispatch' }, false],
    ['a dispatch by name', { type: 'dispatch' }, { type: 'dispatch' }, true],
    ['nudge handlers ignore mail', { type: 'nudge' }, {}, false],
  ])('matches: %s', (_case, handlerFields, mailFields, runs) => {
    expect(lists(accept([handler(handlerFields)], [mail(mailFields)]))).toEqual(runs ? [0] : []);
  });

  it('runs every handler that fits, and any only when none does', () => {
    const handlers = [handler({ type: 'any' }), handler({ subject: 'hello' }), handler({})];
    expect(lists(accept(handlers, [mail({})]))).toEqual([1, 2]);
    expect(lists(accept(handlers, [mail({ type: 'error' })]))).toEqual([0]);
  });

  it('runs a counted handler at its mail and never again', () => {
    const handlers = [handler({ count: 2 })];
    const mails = ['a', 'b', 'c', 'd'].map((id) => mail({ id }));
    expect(accept(handlers, mails).frames.map((frame) => frame.mail?.id)).toEqual(['b']);
  });

  it('gives a nudge to its handler only', () => {
    const handlers = [handler({ type: 'any' }), handler({ type: 'nudge' })];
    const progress = acceptTurn(begun, script(handlers), { mails: [], text: 'hurry' });
    expect(progress.frames).toMatchObject([{ list: 1, mail: { body: 'hurry' } }]);
  });

  it.each([
    ['by thread', { threadId: 'msg-9', subject: 'whatever' }],
    ['by subject where the thread is not carried', { subject: 'Re: Rounding?' }],
  ])('goes on after a question with the answer found %s', (_case, fields) => {
    const frame = { id: 'start', list: 'start' as const, cursor: [1], mail: null, answer: null };
    const waiting: Progress = { ...begun, parked: [{ mailId: 'msg-9', subject: 'Rounding?', frame }] };
    const progress = accept([], [mail({ id: 'm', body: 'half even', ...fields })], waiting);
    expect(progress.parked).toEqual([]);
    expect(progress.frames).toEqual([{ ...frame, answer: 'half even' }]);
  });

  it('keeps waiting when another thread answers', () => {
    const frame = { id: 'start', list: 'start' as const, cursor: [1], mail: null, answer: null };
    const waiting: Progress = { ...begun, parked: [{ mailId: 'msg-9', subject: 'Rounding?', frame }] };
    expect(accept([], [mail({ threadId: 'msg-8', subject: 'Re: Rounding?' })], waiting).parked).toHaveLength(1);
  });
});

describe('walking through nested steps', () => {
  const steps = [say('a'), when([say('b'), when([say('c')]), say('d')], []), say('e')];

  function walk(list: readonly Step[], branch: 'do' | 'else'): string[] {
    const said: string[] = [];
    let cursor: Cursor | null = [0];
    while (cursor !== null) {
      const step = stepAt(list, cursor);
      if (step === null) break;
      if (step.kind === 'say') said.push(step.text);
      cursor = step.kind === 'when' ? branchCursor(list, cursor, branch) : nextCursor(list, cursor);
    }
    return said;
  }

  it('visits the chosen branches in order and climbs out of each', () => {
    expect(walk(steps, 'do')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(walk(steps, 'else')).toEqual(['a', 'e']);
    expect(walk([], 'do')).toEqual([]);
  });

  it('visits every step of any tree exactly once', () => {
    const { tree } = fc.letrec<{ tree: Step[]; step: Step }>((tie) => ({
      tree: fc.array(tie('step'), { maxLength: 4, depthIdentifier: 'tree' }),
      step: fc.oneof(
        { depthIdentifier: 'tree', maxDepth: 3 },
        fc.string().map(say),
        tie('tree').map((inner) => when(inner as Step[])),
      ),
    }));
    const flatten = (list: readonly Step[]): string[] =>
      list.flatMap((step) => (step.kind === 'say' ? [step.text] : step.kind === 'when' ? flatten(step.do) : []));
    fc.assert(
      fc.property(tree, (list) => {
        expect(walk(list, 'do')).toEqual(flatten(list));
      }),
    );
  });
});
