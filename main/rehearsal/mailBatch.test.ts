import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTurnInput } from './mailBatch.ts';

const DIVIDER = '\n\n---\n\n';
const BEACON =
  '[OVERSTORY] builder-a (builder) 2026-11-23T08:00:00.000Z task:task-1 — Depth: 2 | Parent: lead-1 — Startup: read .claude/CLAUDE.md';

/** The engine's own escaping of metadata (spec 01 §2.8), for the round trip. */
function escapeField(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

function format(mail: {
  from: string;
  subject: string;
  id: string;
  type: string;
  thread: string;
  body: string;
}): string {
  return [
    `[MAIL] From: ${escapeField(mail.from)} | Subject: ${escapeField(mail.subject)} | Priority: high`,
    `[META] Id: ${escapeField(mail.id)} | Type: ${mail.type} | Thread: ${escapeField(mail.thread)}`,
    '',
    mail.body,
  ].join('\n');
}

describe('user turns', () => {
  it('reads a mail with payload, then the beacon', () => {
    const mail = [
      '[MAIL] From: builder-a | Subject: Worker done: task-1 | Priority: normal',
      '[META] Id: msg-1 | Type: worker_done | Thread: msg-0',
      '[PAYLOAD] {"branch":"overstory/builder-a/task-1","exitCode":0}',
      '',
      'All tests pass.\n\nReally.',
    ].join('\n');
    expect(parseTurnInput(mail + DIVIDER + BEACON)).toEqual({
      mails: [
        {
          id: 'msg-1',
          from: 'builder-a',
          subject: 'Worker done: task-1',
          body: 'All tests pass.\n\nReally.',
          type: 'worker_done',
          priority: 'normal',
          threadId: 'msg-0',
          payload: { branch: 'overstory/builder-a/task-1', exitCode: 0 },
        },
      ],
      beacon: { parent: 'lead-1', depth: 2 },
      text: '',
    });
  });

  it("reads the reference's own format, which has neither id nor type", () => {
    const [mail] = parseTurnInput('[MAIL] From: a | Subject: b | Priority: low\n\nbody').mails;
    expect(mail).toMatchObject({ id: null, threadId: null, type: 'status', from: 'a', subject: 'b', body: 'body' });
  });

  it('keeps a divider that stands inside a body', () => {
    const turn = [
      '[MAIL] From: a | Subject: one | Priority: normal\n\nfirst',
      'still the first',
      '[MAIL] From: b | Subject: two | Priority: normal\n\nsecond',
    ].join(DIVIDER);
    expect(parseTurnInput(turn).mails.map((mail) => mail.body)).toEqual([`first${DIVIDER}still the first`, 'second']);
  });

  it('takes plain text as a nudge, and the notes of the engine as none', () => {
    expect(parseTurnInput('please hurry')).toEqual({ mails: [], beacon: null, text: 'please hurry' });
    const note = '[OVERSTORY] Your last turn ended early (stalled). Go on where you stopped.';
    expect(parseTurnInput(note)).toEqual({ mails: [], beacon: null, text: '' });
    expect(parseTurnInput(BEACON.replace('lead-1', 'none')).beacon).toEqual({ parent: null, depth: 2 });
  });

  it.each([
    ['[PAYLOAD] {broken', {}],
    ['[PAYLOAD] [1]', {}],
    ['[PAYLOAD] null', {}],
    ['[PAYLOAD] {"a":null}', { a: null }],
  ])('survives the payload line %s', (line, payload) => {
    const turn = `[MAIL] From: a | Subject: b | Priority: low\n[META] Id: m | Type: nonsense | Thread: none\n${line}\n\nbody`;
    expect(parseTurnInput(turn).mails[0]).toMatchObject({ payload, type: 'status', body: 'body', threadId: null });
  });

  it('gives back what the engine escaped, whatever the names and bodies are', () => {
    const field = fc.string().filter((text) => text.trim() === text && text !== '');
    const body = fc.string().filter((text) => !text.includes('---') && !text.includes('\r') && !text.startsWith('['));
    fc.assert(
      fc.property(field, field, body, (from, subject, text) => {
        const mail = { from, subject, id: 'msg-1', type: 'question', thread: 'msg-0', body: text };
        expect(parseTurnInput(format(mail)).mails).toEqual([
          {
            from,
            subject,
            id: 'msg-1',
            type: 'question',
            threadId: 'msg-0',
            body: text,
            priority: 'high',
            payload: {},
          },
        ]);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('[MAIL] From: ', '[META] ', '[PAYLOAD] {', DIVIDER, '|', '\\', '\n', 'x')),
        (parts) => {
          expect(parseTurnInput(parts.join('')).mails).toBeInstanceOf(Array);
        },
      ),
    );
  });
});
