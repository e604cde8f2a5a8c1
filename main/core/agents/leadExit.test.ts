import { expect, test } from 'vitest';
import { leadExitSubject } from './leadExit.ts';

const sent = (...payloads: (string | null)[]) => payloads.map((payload) => ({ payload }));

test.each([
  ['no merge_ready', [], 'Lead liz exited: no merge_ready sent, needs follow-up'],
  ['one without a payload', sent(null), 'Lead liz exited: sent 1 merge_ready (branch unknown)'],
  ['payloads that cannot be read', sent('{', '{"branch":7}'), 'Lead liz exited: sent 2 merge_ready (branch unknown)'],
  [
    'one branch twice',
    sent('{"branch":"a"}', 'broken', '{"branch":"a"}'),
    'Lead liz exited: sent merge_ready for branch a',
  ],
  [
    'several branches, newest first',
    sent('{"branch":"b"}', '{"branch":"a"}', '{"branch":"b"}'),
    'Lead liz exited: sent 3 merge_ready (branches: b, a)',
  ],
  ['mail that cannot be read', null, 'Lead liz completed: check your mail for what it has left'],
])('CT14: a stopped lead with %s (spec 02 §4.1)', (_, mails, subject) => {
  expect(leadExitSubject('liz', mails)).toBe(subject);
});
