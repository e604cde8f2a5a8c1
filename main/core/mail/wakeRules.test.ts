import { describe, expect, it } from 'vitest';
import { type MailType, parseWakePolicy, type WakePolicy, wakeWords } from '../../../contract/mail.ts';
import { NO_WAKE_SETTINGS, type WaitingMail, type WakeSettings, waitsFor, wakeRuleFor, wakeTime } from './wakeRules.ts';

const NOW = Date.parse('2026-04-01T10:00:00.000Z');
const MINUTE = 60_000;
const at = (ms: number): string => new Date(ms).toISOString();
const mail = (overrides: Partial<WaitingMail> = {}): WaitingMail => ({
  type: 'status',
  priority: 'normal',
  createdAt: at(NOW - MINUTE),
  attempts: 0,
  nextAttemptAt: null,
  wake: null,
  ...overrides,
});
const policy = (words: string): WakePolicy => {
  const read = parseWakePolicy(words);
  if (read === null) throw new Error(`no policy: ${words}`);
  return read;
};
const wake = (words: string, queue: readonly WaitingMail[], isNew = false): number | null =>
  wakeTime(queue, () => policy(words), isNew, NOW);

describe('words of a wake policy', () => {
  it.each(['now', 'batch', 'never', 'digest 10', 'digest 1', 'digest 1440'])('%s', (words) =>
    expect(wakeWords(policy(words))).toBe(words),
  );
  it.each([
    ['Digest 10m', 'digest 10'],
    ['digest=5 minutes', 'digest 5'],
    [' NOW ', 'now'],
  ])('%s is %s', (words, plain) => expect(wakeWords(policy(words))).toBe(plain));
  it.each(['', 'digest', 'digest 0', 'digest 1441', 'digest -1', 'digest 1.5', 'later', 'now please'])(
    '%s is none',
    (words) => expect(parseWakePolicy(words)).toBeNull(),
  );
});

describe('when a queue gives its reader a turn', () => {
  it.each<[string, string, WaitingMail, number | null]>([
    ['now: at once', 'now', mail(), NOW],
    ['batch: not by itself', 'batch', mail(), null],
    ['never: not by itself', 'never', mail(), null],
    ['digest: its minutes after it was sent', 'digest 10', mail(), NOW + 9 * MINUTE],
    ['digest: at once when that is over', 'digest 1', mail({ createdAt: at(NOW - 5 * MINUTE) }), NOW],
    [
      'digest: at once for mail from a clock that was set back',
      'digest 10',
      mail({ createdAt: at(NOW + 3_600_000) }),
      NOW,
    ],
    [
      'digest: reads the times of the reference',
      'digest 10',
      mail({ createdAt: '2026-04-01 09:59:00' }),
      NOW + 9 * MINUTE,
    ],
    ['batch: urgent wakes', 'batch', mail({ priority: 'urgent' }), NOW],
    ['digest: urgent wakes', 'digest 10', mail({ priority: 'urgent' }), NOW],
    ['never: urgent does not wake', 'never', mail({ priority: 'urgent' }), null],
    ['batch: high is not urgent', 'batch', mail({ priority: 'high' }), null],
    ['never: what a person wants now wakes', 'never', mail({ wake: 'now' }), NOW],
    ['now: what only rides along does not wake', 'now', mail({ wake: 'batch' }), null],
    [
      'never: a failed turn is tried again',
      'never',
      mail({ attempts: 1, nextAttemptAt: at(NOW + 2_000) }),
      NOW + 2_000,
    ],
  ])('%s', (_name, words, one, expected) => expect(wake(words, [one])).toBe(expected));

  it('an empty queue wakes nobody, and a reader that has not begun is woken by its first mail', () => {
    expect(wake('now', [])).toBeNull();
    expect(wake('never', [mail()], true)).toBe(NOW);
  });

  it('many mails are one turn, when the first of them is due', () => {
    const queue = [mail({ createdAt: at(NOW - 3 * MINUTE) }), mail(), mail({ createdAt: at(NOW) })];
    expect(wake('digest 10', queue)).toBe(NOW + 7 * MINUTE);
    expect(wake('digest 10', [...queue, mail({ priority: 'urgent' })])).toBe(NOW);
  });

  it('new mail waits with mail that waits for its next attempt', () => {
    expect(wake('now', [mail(), mail({ attempts: 2, nextAttemptAt: at(NOW + 4_000) })])).toBe(NOW + 4_000);
  });

  it('says what a mail waits for', () => {
    const says = (words: string, one: WaitingMail): string | null =>
      waitsFor(one, [one], () => policy(words), 'lead-1', false, NOW);
    expect(says('now', mail())).toBeNull();
    expect(says('digest 10', mail())).toBe('the digest of lead-1 at 2026-04-01T10:09:00.000Z');
    expect(says('batch', mail())).toBe('the next turn of lead-1, which this mail does not start');
    expect(says('never', mail())).toMatch(/never woken by mail.*ov nudge lead-1/);
    expect(says('now', mail({ attempts: 1, nextAttemptAt: at(NOW + 2_000) }))).toBe(
      'the next attempt of lead-1 at 2026-04-01T10:00:02.000Z',
    );
  });
});

describe('which policy holds', () => {
  const settings: WakeSettings = {
    default: policy('now'),
    types: { status: policy('batch') },
    roles: { lead: { any: policy('digest 15'), byType: { worker_done: policy('now') } } },
    agents: { 'lead-1': { any: null, byType: { question: policy('never') } } },
  };
  const rule = (agentName: string, capability: string, type: MailType, said: string | null = null): string => {
    const table = said === null ? null : { any: policy(said), byType: {} };
    const found = wakeRuleFor({ agentName, capability }, type, settings, table);
    return `${wakeWords(found.policy)} by ${found.source}`;
  };

  it.each<[string, string, string, MailType, string]>([
    ['the type, for everybody', 'scout-1', 'scout', 'status', 'batch by type'],
    ['the default', 'scout-1', 'scout', 'question', 'now by default'],
    ['the role', 'lead-2', 'lead', 'question', 'digest 15 by role'],
    ['the type within the role', 'lead-2', 'lead', 'worker_done', 'now by role'],
    ['the role before the type for everybody', 'lead-2', 'lead', 'status', 'digest 15 by role'],
    ['the agent before its role', 'lead-1', 'lead', 'question', 'never by agent'],
    ['the role where the agent says nothing', 'lead-1', 'lead', 'status', 'digest 15 by role'],
  ])('%s', (_name, agentName, capability, type, expected) => expect(rule(agentName, capability, type)).toBe(expected));

  it('the command outranks them all; names of Object are no agents', () => {
    expect(rule('lead-1', 'lead', 'question', 'batch')).toBe('batch by command');
    expect(wakeRuleFor({ agentName: 'constructor', capability: 'toString' }, null, NO_WAKE_SETTINGS, null)).toEqual({
      type: null,
      policy: { kind: 'now', minutes: null },
      source: 'default',
    });
  });
});
