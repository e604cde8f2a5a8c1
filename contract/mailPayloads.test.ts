import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAIL_TYPES, type MailMessage, type MailType } from './mail.ts';
import { answerOf, chosenOption, gateOf, payloadProblem, readPayload } from './mailPayloads.ts';

/** The reference's own payloads, complete (spec 02 §1.2). */
const COMPLETE: Readonly<Partial<Record<MailType, Readonly<Record<string, unknown>>>>> = {
  worker_done: { taskId: 'T-1', branch: 'overstory/b/T-1', exitCode: 0, filesModified: ['a.ts'] },
  worker_died: {
    ...{ agentName: 'b', capability: 'builder', taskId: 'T-1', reason: 'gone' },
    ...{ lastActivity: '2026-01-01T00:00:00.000Z', terminatedBy: 'runner' },
  },
  merge_ready: { branch: 'x', taskId: 'T-1', agentName: 'b', filesModified: [] },
  merged: { branch: 'x', taskId: 'T-1', tier: 'auto-resolve' },
  merge_failed: { branch: 'x', taskId: 'T-1', conflictFiles: ['a.ts'], errorMessage: 'no' },
  escalation: { severity: 'critical', taskId: null, context: 'stuck' },
  health_check: { agentName: 'b', checkType: 'liveness' },
  dispatch: { taskId: 'T-1', specPath: '', capability: 'builder', fileScope: [], skipReview: true, maxAgents: 3 },
  assign: { taskId: 'T-1', specPath: '', workerName: 'b', branch: 'x' },
  decision_gate: { options: ['left', 'right'], context: 'which?', deadline: '2026-01-01T00:00:00Z' },
};

describe('payloads', () => {
  it.each(Object.entries(COMPLETE))('of %s are read as the reference writes them', (type, payload) => {
    const read = readPayload({ type: type as MailType, payload: JSON.stringify(payload) });
    expect(read).toEqual({ kind: 'typed', fields: payload, extra: {} });
  });

  it.each(MAIL_TYPES)('of %s: unknown fields are kept, missing ones are fine, none is none', (type) => {
    expect(readPayload({ type, payload: '{"correlationId":"1","x":{"y":[2]}}' })).toEqual({
      kind: 'typed',
      fields: {},
      extra: { correlationId: '1', x: { y: [2] } },
    });
    expect(readPayload({ type, payload: '{}' }).kind).toBe('typed');
    expect(readPayload({ type, payload: null })).toEqual({ kind: 'none' });
  });

  it.each<[MailType, string, string]>([
    ['status', 'just words', 'it is not JSON'],
    ['status', '[1,2]', 'it is not an object'],
    ['status', 'null', 'it is not an object'],
    ['worker_done', '{"exitCode":"0"}', 'its field "exitCode" must be a number'],
    ['worker_done', '{"filesModified":"a.ts"}', 'its field "filesModified" must be a list of file names'],
    ['merged', '{"tier":"magic"}', 'its field "tier" must be clean-merge, auto-resolve, ai-resolve or reimagine'],
    ['escalation', '{"severity":"bad"}', 'its field "severity" must be warning, error or critical'],
    ['decision_gate', '{"options":["a",""]}', 'its field "options" must be a list of at least one text'],
    ['decision_gate', '{"deadline":"tomorrow"}', 'its field "deadline" must be a time such as'],
    ['decision_gate', '{"options":["a"],"default":"b"}', 'its field "default" must be one of its options'],
    ['decision_gate', '{"options":["a"],"onDeadline":"default"}', '"default" must name one of its options'],
  ])('of %s that are wrong are shown as they are: %s', (type, payload, problem) => {
    const read = readPayload({ type, payload });
    expect(read).toMatchObject({ kind: 'raw', text: payload, problem: expect.stringContaining(problem) });
  });

  it('never throw, whatever is in them, and lose nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MAIL_TYPES), fc.oneof(fc.json(), fc.string()), (type, payload) => {
        const read = readPayload({ type, payload });
        if (read.kind === 'raw') expect(read.text).toBe(payload);
        else if (read.kind === 'typed') expect({ ...read.fields, ...read.extra }).toEqual({ ...JSON.parse(payload) });
        else expect.unreachable();
        gateOf({ payload });
      }),
    );
  });

  it('of types without a shape of their own are never wrong', () =>
    expect(
      (['status', 'question', 'result', 'error'] as const).map((type) => payloadProblem(type, { options: 5 })),
    ).toEqual([null, null, null, null]));
});

describe('decision gates', () => {
  it('of any age are read as far as they go', () => {
    const gate = (value: unknown) => gateOf({ payload: JSON.stringify(value) });
    const nothing = { options: [], context: null, deadline: null, fallback: null };
    expect(gateOf({ payload: null })).toEqual(nothing);
    expect(gate({ options: 'left', context: 5, deadline: 'soon' })).toEqual(nothing);
    expect(gate({ options: ['left', 7, ''], context: 'which?' })).toMatchObject({
      options: ['left'],
      context: 'which?',
    });
    expect(gate({ options: ['left'], default: 'left', deadline: '2026-01-01T00:00:00Z' })).toMatchObject({
      fallback: 'left',
      deadline: '2026-01-01T00:00:00Z',
    });
    expect(gate({ options: ['left'], default: 'left', onDeadline: 'escalate' }).fallback).toBeNull();
    expect(gate({ options: ['left'], default: 'up' }).fallback).toBeNull();
  });

  it.each<[string, string | null]>([
    ['left', 'left'],
    [' LEFT ', 'left'],
    ['1', 'left'],
    ['2', '1'],
    ['3', '3 beers'],
    ['4', null],
    ['0', null],
    ['-1', null],
    ['lef', null],
    ['', null],
  ])('the answer %j names %j', (answer, option) =>
    expect(chosenOption(['left', '1', '3 beers'], answer)).toBe(answer === '1' ? '1' : option),
  );

  it('two options that differ by case only are told apart exactly', () => {
    expect(chosenOption(['Yes', 'yes'], 'yes')).toBe('yes');
    expect(chosenOption(['Yes', 'yes'], 'YES')).toBeNull();
  });

  it('are answered by the first mail of their thread from somebody else', () => {
    const mail = (id: string, from: string, more: Partial<MailMessage> = {}): MailMessage => ({
      ...{ id, from, to: 'x', subject: 's', body: 'b', type: 'status', priority: 'normal', payload: null, read: false },
      ...{ threadId: 'g', createdAt: `2026-01-01T00:00:0${id.length}.000Z`, delivery: null },
      ...more,
    });
    const gate = mail('g', 'builder', { threadId: null });
    const copy = mail('gg', 'builder-lead', { reference: { kind: 'escalation', messageId: 'g' } });
    const bounce = mail('ggg', 'lead', { reference: { kind: 'bounce', messageId: 'g' } });
    const own = mail('gg', 'builder');
    const answer = mail('gggg', 'lead');
    expect(answerOf(gate, [gate, own, copy, bounce])).toBeNull();
    expect(answerOf(gate, [gate, own, copy, bounce, answer, mail('ggggg', 'operator')])).toBe(answer);
    expect(answerOf(gate, [mail('other', 'lead', { threadId: 'another' })])).toBeNull();
  });
});
