import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../contract/limits.ts';
import { TRANSCRIPT } from '../../../contract/transcripts.ts';
import type { EventRow } from './timelineRules.ts';
import { toTranscriptItem } from './transcriptRules.ts';

const row = (eventType: string, data: unknown, more: Partial<EventRow> = {}): EventRow => ({
  id: 7,
  runId: null,
  agentName: 'worker',
  eventType,
  toolName: null,
  toolArgs: null,
  toolDurationMs: null,
  level: 'info',
  data: typeof data === 'string' ? data : JSON.stringify(data),
  createdAt: '2026-11-23T10:00:00.000Z',
  ...more,
});
const use = (name: string, input: unknown) =>
  toTranscriptItem(row('tool_start', { type: 'tool_use', callId: 'c1', name, input }, { toolName: name }));

describe('a transcript', () => {
  test('a turn says its number and the mail it carries', () => {
    const start = (mails: number) => toTranscriptItem(row('turn_start', { number: 3, mails, summary: 'x' }))?.title;
    expect([start(0), start(1), start(4)]).toEqual(['Turn 3', 'Turn 3 · 1 mail', 'Turn 3 · 4 mails']);
    expect(
      toTranscriptItem(row('turn_end', { summary: 'turn 3 ended: rests' }, { toolDurationMs: 1_200 })),
    ).toMatchObject({ kind: 'turnEnd', title: 'turn 3 ended: rests', durationMs: 1_200, failed: false });
  });

  test('an edit says what it takes away and what it adds', () => {
    expect(use('Edit', { file_path: 'src/a.ts', old_string: 'one\ntwo\n', new_string: 'three' })).toMatchObject({
      kind: 'tool',
      title: 'Edit src/a.ts',
      callId: 'c1',
      added: 1,
      removed: 2,
      body: '- one\n- two\n+ three',
    });
    expect(use('Write', { file_path: 'b.ts', content: 'a\nb\n' })).toMatchObject({ added: 2, removed: 0 });
    const edits = [
      { old_string: 'a', new_string: 'b' },
      { old_string: '', new_string: 'c\nd' },
    ];
    expect(use('MultiEdit', { file_path: 'c.ts', edits })).toMatchObject({
      added: 3,
      removed: 1,
      body: '- a\n+ b\n\n+ c\n+ d',
    });
  });

  test('a command of one line is its title; a longer one is told in full', () => {
    expect(use('Bash', { command: 'npm test' })).toMatchObject({ title: 'Bash npm test', body: '', added: null });
    expect(use('Bash', { command: 'cd a\nnpm test\n' })).toMatchObject({ title: 'Bash cd a', body: 'cd a\nnpm test' });
  });

  test('a result knows its call and whether it failed', () =>
    expect(
      toTranscriptItem(row('tool_end', { toolUseId: 'c1', content: 'no such file\n', isError: true })),
    ).toMatchObject({ kind: 'result', callId: 'c1', body: 'no such file', failed: true }));

  test('control characters of an agent become visible', () =>
    expect(toTranscriptItem(row('progress', { text: 'a\x1b]0;x\x07b' }))?.body).toBe('a␛]0;x␇b'));

  test('a long text is cut and says so, and a page of them stays within a frame', () => {
    const item = toTranscriptItem(row('progress', { text: '漢'.repeat(50_000) }));
    expect(item).toMatchObject({ cut: true });
    const page = JSON.stringify(Array.from({ length: TRANSCRIPT.pageItems }, () => item));
    expect(Buffer.byteLength(page)).toBeLessThan(LIMITS.frameBytes);
    expect(toTranscriptItem(row('progress', { text: 'short' }))).toMatchObject({ cut: false });
  });

  test.each(['session_start', 'session_end', 'mail_sent'])('%s is nothing to read', (type) =>
    expect(toTranscriptItem(row(type, {}))).toBeNull(),
  );

  test('a turn that failed says why; one that went well said it before', () => {
    expect(toTranscriptItem(row('result', { isError: false, result: 'done' }))).toBeNull();
    expect(toTranscriptItem(row('result', { isError: true, result: 'limit' }, { level: 'error' }))).toMatchObject({
      kind: 'error',
      body: 'limit',
      failed: true,
    });
  });

  test('rows of other tools are read as far as they go', () => {
    expect(
      toTranscriptItem(row('tool_start', null, { toolName: 'Read', toolArgs: '{"file_path":"a"}' })),
    ).toMatchObject({
      title: 'Read a',
      callId: null,
    });
    expect(toTranscriptItem(row('error', 'plain words', { level: 'error' }))).toMatchObject({ title: 'plain words' });
  });
});
