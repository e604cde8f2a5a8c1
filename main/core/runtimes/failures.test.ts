import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentEvent, FailureFacts } from './adapter.ts';
import { createCodexJsonParser } from './codexJson.ts';
import { claudeFailure, codexFailure } from './failures.ts';
import { parseResetTime } from './resetTime.ts';
import { createStreamJsonParser } from './streamJson.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');

type ResultEvent = Extract<AgentEvent, { type: 'result' }>;
const failed = (change: Partial<ResultEvent>): ResultEvent => ({
  type: 'result',
  sessionId: 's',
  result: '',
  isError: true,
  durationMs: 1,
  numTurns: 1,
  costUsd: 0,
  usage: null,
  errors: [],
  apiErrorStatus: null,
  ...change,
});
const facts = (change: Partial<FailureFacts> = {}): FailureFacts => ({
  result: null,
  retry: null,
  errors: [],
  terminalText: '',
  resumeId: null,
  now: NOW,
  ...change,
});

describe('failures of claude', () => {
  it.each<[string, Partial<ResultEvent>, string | null]>([
    ['no key at all', { result: 'Not logged in · Please run /login' }, 'needsLogin'],
    ['a 401 after its retries', { result: 'API Error: 401 authentication_error', apiErrorStatus: 401 }, 'needsLogin'],
    ['a 403', { result: 'API Error: 403 forbidden', apiErrorStatus: 403 }, 'needsLogin'],
    ['an expired token', { result: 'OAuth token has expired · Please run /login' }, 'needsLogin'],
    ['credit used up', { result: 'Credit balance is too low', apiErrorStatus: 400 }, 'quotaExhausted'],
    ['a subscription limit', { result: "You've hit your session limit · resets 3pm (UTC)" }, 'quotaExhausted'],
    ['a weekly limit with 429', { result: 'weekly limit reached · resets 5pm', apiErrorStatus: 429 }, 'quotaExhausted'],
    ['a bare rate limit', { result: 'API Error: Request rejected (429) · rate limited', apiErrorStatus: 429 }, null],
    ['an overloaded server', { result: 'API Error: 529 overloaded', apiErrorStatus: 529 }, null],
    ['an error of the work', { result: 'tests fail: login page is not logged out' }, null],
  ])('%s', (_name, change, kind) => {
    expect(claudeFailure(facts({ result: failed(change) }))?.kind ?? null).toBe(kind);
  });

  it('names when a limit ends', () => {
    const result = failed({ result: 'Claude AI usage limit reached|1795536000' });
    expect(claudeFailure(facts({ result }))).toMatchObject({ kind: 'quotaExhausted', until: 1_795_536_000_000 });
  });

  it('a turn that was ended while it announced retries of a 401 needs a login', () => {
    const retry = { type: 'retry', attempt: 2, maxRetries: 6, delayMs: 900, status: 401, error: 'x' } as const;
    expect(claudeFailure(facts({ retry }))?.kind).toBe('needsLogin');
  });

  it('a tool that prints "Unauthorized" beside a good account is no login', () => {
    const result = failed({ result: 'the command failed', numTurns: 4 });
    expect(claudeFailure(facts({ result, terminalText: '401 Unauthorized' }))).toBeNull();
  });

  it('captured: overloaded and recovered, rate limited, unknown conversation', () => {
    const lines = readFileSync(join(import.meta.dirname, 'fixtures', 'claude-errors.ndjson'), 'utf8').split('\n');
    const parser = createStreamJsonParser();
    const results = lines.flatMap((line) => parser.push(line)).filter((event) => event.type === 'result');
    expect(
      results.map((result) => (result.isError ? claudeFailure(facts({ result, resumeId: 'x' }))?.kind : 'success')),
    ).toEqual(['success', undefined, 'unknownConversation']);
  });
});

describe('failures of codex', () => {
  it.each<[string, string, string | null]>([
    ['a 401', 'unexpected status 401 Unauthorized: missing bearer', 'needsLogin'],
    ['no key in the environment', 'Missing environment variable: `OPENAI_API_KEY`.', 'needsLogin'],
    ['a plan limit', "You've hit your usage limit. Upgrade, or try again in 2 hours 5 minutes.", 'quotaExhausted'],
    ['an account without money', 'Quota exceeded. Check your plan and billing details.', 'quotaExhausted'],
    ['too many requests', 'exceeded retry limit, last status: 429 Too Many Requests', null],
    ['a busy model', 'Selected model is at capacity. Please try a different model.', null],
    ['a broken server', 'unexpected status 500 Internal Server Error', null],
  ])('%s', (_name, message, kind) => {
    const [result] = createCodexJsonParser().push(JSON.stringify({ type: 'turn.failed', error: { message } }));
    expect(codexFailure(facts({ result: result as ResultEvent }))?.kind ?? null).toBe(kind);
  });

  it('an unknown thread is one line on the terminal and nothing else', () => {
    const terminalText = 'Error: thread/resume failed: no rollout found for thread id 0190';
    expect(codexFailure(facts({ terminalText, resumeId: '0190' }))?.kind).toBe('unknownConversation');
    expect(codexFailure(facts({ terminalText, resumeId: null }))).toBeNull();
  });
});

describe('time at which a limit ends', () => {
  it.each<[string, string | null]>([
    ['resets 3pm (UTC)', '2026-11-23T15:00:00.000Z'],
    ['resets 3am (UTC)', '2026-11-24T03:00:00.000Z'],
    ['resets 10pm (America/Los_Angeles)', '2026-11-24T06:00:00.000Z'],
    ['resets Nov 30 at 5:30pm (Europe/Berlin)', '2026-11-30T16:30:00.000Z'],
    ['try again at 3:05 PM.', '2026-11-23T15:05:00.000Z'],
    ['try again in 3 days 4 hours', '2026-11-26T16:00:00.000Z'],
    ['please try again in 90s', '2026-11-23T12:01:30.000Z'],
    ['limit reached until 2026-11-23T18:00:00Z', '2026-11-23T18:00:00.000Z'],
    ['limit reached|1795536000', '2026-11-24T16:00:00.000Z'],
    ['Credit balance is too low', null],
    ['resets 2031-01-01T00:00:00Z', null],
  ])('%s', (text, at) => {
    const found = parseResetTime(text, NOW, 'UTC');
    expect(found === null ? null : new Date(found).toISOString()).toBe(at);
  });

  it('never lies in the past nor beyond any plan', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 4e12 }), (text, now) => {
        const found = parseResetTime(`resets ${text} try again in ${text}`, now, 'UTC');
        expect(found === null || (found >= now && found <= now + 41 * 86_400_000)).toBe(true);
      }),
    );
  });
});
