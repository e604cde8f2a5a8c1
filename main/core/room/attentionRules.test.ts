import { describe, expect, it } from 'vitest';
import type { MailMessage } from '../../../contract/mail.ts';
import type { MergeView } from '../../../contract/merges.ts';
import { type AttentionFacts, deriveAttention, openQuestions } from './attentionRules.ts';

const mail = (change: Partial<MailMessage>): MailMessage => ({
  id: 'msg-1',
  from: 'tax',
  to: 'operator',
  subject: 'half even or half up?',
  body: 'which?',
  type: 'decision_gate',
  priority: 'normal',
  threadId: null,
  payload: JSON.stringify({ options: ['half even', 'half up'], context: 'invoices round' }),
  read: false,
  createdAt: '2026-01-01T00:00:00.000Z',
  delivery: null,
  ...change,
});
const facts = (change: Partial<AttentionFacts>): AttentionFacts => ({
  mail: [],
  agents: [],
  merges: [],
  dismissed: new Set(),
  ...change,
});
const merge: MergeView = {
  id: 7,
  branchName: 'overstory/a/t',
  taskId: 't',
  agentName: 'a',
  filesModified: [],
  enqueuedAt: '2026-01-01T00:00:00.000Z',
  status: 'conflict',
  resolvedTier: null,
  target: 'main',
  conflictFiles: ['x.ts'],
  errorMessage: null,
  warnings: [],
  finishedAt: '2026-01-01T00:01:00.000Z',
};

describe('attention', () => {
  it('a decision gate to the operator shows its options and context until it is answered', () => {
    const [item] = deriveAttention(facts({ mail: [mail({})] }));
    expect(item).toMatchObject({
      kind: 'gate',
      options: ['half even', 'half up'],
      detail: 'invoices round',
      agent: 'tax',
    });
    const reply = mail({ id: 'msg-2', from: 'operator', to: 'tax', threadId: 'msg-1' });
    expect(deriveAttention(facts({ mail: [mail({}), reply] }))).toEqual([]);
  });

  it('mail between agents asks nobody', () => {
    expect(deriveAttention(facts({ mail: [mail({ to: 'lead' })] }))).toEqual([]);
  });

  it('a gate with a broken payload still shows, without options', () => {
    const [item] = deriveAttention(facts({ mail: [mail({ payload: '{' })] }));
    expect(item).toMatchObject({ kind: 'gate', options: [], detail: 'which?' });
  });

  it('a dead letter, a dead agent and a conflict each show once and can be put aside', () => {
    const all = facts({
      mail: [
        mail({
          id: 'msg-3',
          to: 'bob',
          type: 'status',
          delivery: { state: 'dead', turnId: null, attempts: 5, nextAttemptAt: null, updatedAt: '' },
        }),
      ],
      agents: [
        {
          agentName: 'bob',
          state: 'zombie',
          taskId: 't',
          lastActivity: '2026-01-01T00:00:05.000Z',
          reason: 'exit code 3',
        },
      ],
      merges: [merge],
    });
    const items = deriveAttention(all);
    expect(items.map((item) => item.kind)).toEqual(['conflict', 'dead', 'deadLetter']);
    expect(deriveAttention({ ...all, dismissed: new Set(items.map((item) => item.id)) })).toEqual([]);
  });

  it('an agent that dies a second time asks again although the first time was put aside', () => {
    const agent = {
      agentName: 'bob',
      state: 'zombie' as const,
      taskId: 't',
      lastActivity: '2026-01-01T00:00:05.000Z',
      reason: null,
    };
    const [first] = deriveAttention(facts({ agents: [agent] }));
    const dismissed = new Set([first?.id ?? '']);
    expect(
      deriveAttention(facts({ agents: [{ ...agent, lastActivity: '2026-01-01T01:00:00.000Z' }], dismissed })),
    ).toHaveLength(1);
  });

  it('gates come before questions before errors, oldest first', () => {
    const items = deriveAttention(
      facts({
        mail: [
          mail({ id: 'e', type: 'error' }),
          mail({ id: 'q', type: 'question' }),
          mail({ id: 'g2', createdAt: '2026-01-01T00:00:02.000Z' }),
          mail({ id: 'g1' }),
        ],
      }),
    );
    expect(items.map((item) => item.mailId)).toEqual(['g1', 'g2', 'q', 'e']);
    expect(openQuestions(items).get('tax')).toBe('half even or half up?');
  });
});
