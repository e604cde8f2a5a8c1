import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGENT_STATES } from '../../../contract/agents.ts';
import type { AgentEvent } from '../runtimes/adapter.ts';
import { decideOutcome, retryDelay, type TurnEvidence, terminalMailTypes } from './turnOutcome.ts';

type ResultEvent = Extract<AgentEvent, { type: 'result' }>;
const result = (change: Partial<ResultEvent> = {}): ResultEvent => ({
  type: 'result',
  sessionId: 's',
  result: 'ok',
  isError: false,
  durationMs: 1,
  numTurns: 1,
  costUsd: null,
  usage: null,
  errors: [],
  apiErrorStatus: null,
  ...change,
});
const evidence = (change: Partial<TurnEvidence> = {}): TurnEvidence => ({
  state: 'in_turn',
  exitCode: 0,
  signal: null,
  started: true,
  eventCount: 3,
  result: result(),
  terminalMail: false,
  resumeId: null,
  attempt: 1,
  endedBy: null,
  failure: null,
  ...change,
});

describe('turn outcome', () => {
  it.each<[string, Partial<TurnEvidence>, string, string | null]>([
    ['clean with terminal mail completes', { terminalMail: true }, 'done', 'completed'],
    ['clean without terminal mail rests (D-02)', {}, 'rest', 'between_turns'],
    [
      'result with is_error is tried again',
      { result: result({ isError: true }), exitCode: 1 },
      'retry',
      'between_turns',
    ],
    [
      'crash after events is tried again and settles (D-01)',
      { result: null, exitCode: null, signal: 9 },
      'retry',
      'between_turns',
    ],
    [
      'crash before any event leaves a booting agent booting',
      { state: 'booting', result: null, exitCode: 1, eventCount: 0 },
      'retry',
      null,
    ],
    [
      'crash after the terminal mail still counts as done',
      { terminalMail: true, result: null, exitCode: null, signal: 9 },
      'done',
      'completed',
    ],
    ['stop during the turn wins over a clean result', { state: 'completed' }, 'stopped', null],
    ['stop requested, row not yet completed', { endedBy: 'stop', result: null }, 'stopped', 'completed'],
    ['last attempt failed: dead', { result: null, exitCode: 1, attempt: 5 }, 'dead', 'zombie'],
    [
      'stall below the limit is tried again',
      { endedBy: 'stall', result: null, exitCode: null },
      'retry',
      'between_turns',
    ],
  ])('%s', (_name, change, kind, nextState) => {
    const outcome = decideOutcome(evidence(change), 5);
    expect(outcome.kind).toBe(kind);
    expect(outcome.nextState).toBe(nextState);
    expect(outcome.reason).not.toBe('');
  });

  it('forgets an unknown conversation and tries again at once (D-20)', () => {
    const outcome = decideOutcome(
      evidence({
        resumeId: 'gone',
        exitCode: 1,
        result: result({ isError: true, numTurns: 0, errors: ['No conversation found with session ID: gone'] }),
        failure: { kind: 'unknownConversation', detail: 'No conversation found with session ID: gone' },
      }),
      5,
    );
    expect(outcome).toMatchObject({ kind: 'retry', forgetConversation: true, delayMs: 0 });
  });

  it('forgets a conversation after two turns without any event, not after the first (D-20)', () => {
    const silent = { resumeId: 'gone', result: null, eventCount: 0, exitCode: 1 };
    expect(decideOutcome(evidence(silent), 5)).toMatchObject({ kind: 'retry', forgetConversation: false });
    expect(decideOutcome(evidence({ ...silent, attempt: 2 }), 5)).toMatchObject({ forgetConversation: true });
    expect(decideOutcome(evidence({ ...silent, attempt: 2, exitCode: 127 }), 5)).toMatchObject({
      forgetConversation: false,
    });
    expect(decideOutcome(evidence({ ...silent, attempt: 2, exitCode: null, signal: 9 }), 5)).toMatchObject({
      forgetConversation: false,
    });
  });

  it.each<[string, Partial<TurnEvidence>, object]>([
    [
      'a refused account',
      { result: result({ isError: true }), failure: { kind: 'needsLogin', detail: 'Not logged in' } },
      { hold: { kind: 'needsLogin', until: null }, reason: 'Not logged in' },
    ],
    [
      'a used-up quota, at whatever attempt',
      { result: result({ isError: true }), attempt: 9, failure: { kind: 'quotaExhausted', until: 7, detail: 'limit' } },
      { hold: { kind: 'quotaExhausted', until: 7 } },
    ],
    ['a take-over', { endedBy: 'takeOver', result: result({ isError: true }) }, { hold: { kind: 'takenOver' } }],
    ['a restart of the machine', { endedBy: 'reboot', result: null }, { hold: { kind: 'resumeOffer' } }],
  ])('%s holds the agent, and its mail waits', (_name, change, expected) => {
    expect(decideOutcome(evidence(change), 5)).toMatchObject({ kind: 'held', mail: 'requeue', ...expected });
  });

  it('a turn that ended well in the moment of a take-over is not undone', () => {
    expect(decideOutcome(evidence({ endedBy: 'takeOver' }), 5).kind).toBe('rest');
    expect(decideOutcome(evidence({ endedBy: 'takeOver', terminalMail: true }), 5).kind).toBe('done');
  });

  it('retry waits double from one second to one minute', () => {
    expect([1, 2, 3, 4, 10].map(retryDelay)).toEqual([1_000, 2_000, 4_000, 8_000, 60_000]);
  });

  it('never kills before the last attempt and never loses mail of an unclean turn', () => {
    fc.assert(
      fc.property(
        fc.record({
          state: fc.constantFrom(...AGENT_STATES),
          exitCode: fc.option(fc.integer({ min: 0, max: 255 })),
          signal: fc.option(fc.integer({ min: 0, max: 31 })),
          started: fc.boolean(),
          eventCount: fc.nat(50),
          result: fc.option(fc.boolean().map((isError) => result({ isError }))),
          terminalMail: fc.boolean(),
          resumeId: fc.option(fc.constant('c')),
          attempt: fc.integer({ min: 1, max: 9 }),
          endedBy: fc.constantFrom('stop' as const, 'stall' as const, 'takeOver' as const, 'login' as const, null),
          failure: fc.constantFrom(null, { kind: 'needsLogin' as const, detail: 'log in' }),
        }),
        (input) => {
          const outcome = decideOutcome(input, 5);
          if (outcome.kind === 'dead') expect(input.attempt).toBeGreaterThanOrEqual(5);
          if (outcome.mail === 'read') expect(input.terminalMail || input.result?.isError === false).toBe(true);
          if (input.state === 'completed') expect(outcome.nextState).toBeNull();
        },
      ),
    );
  });

  it('M19: knows which mails end an agent (spec 01 §0.2)', () => {
    expect(terminalMailTypes('merger')).toEqual(['merged', 'merge_failed']);
    for (const capability of ['builder', 'lead', 'coordinator', 'whatever'])
      expect(terminalMailTypes(capability)).toEqual(['worker_done', 'result']);
  });
});
