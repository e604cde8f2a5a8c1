import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { neutralise } from '../../platform/neutralText.ts';
import { describeToolUse, drawEvent, turnFooter, turnHeader } from './transcript.ts';

/** Everything the transcript itself may emit: colours and line ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is tested.
const OWN_SEQUENCES = /\x1b\[(?:0|1|31|32|33|34|90)m|\r\n/g;

describe('transcript', () => {
  it('draws a tool call with its subject and an edit with both sides', () => {
    const drawn = drawEvent({
      type: 'tool_use',
      callId: '1',
      name: 'Edit',
      input: { file_path: 'src/a.ts', old_string: 'x\ny', new_string: 'z' },
    });
    expect(drawn.replace(OWN_SEQUENCES, '|')).toContain('src/a.ts');
    expect(drawn).toContain('- x');
    expect(drawn).toContain('+ z');
  });

  it('cuts long tool output and says how much is left', () => {
    const drawn = drawEvent({
      type: 'tool_result',
      toolUseId: '1',
      content: Array.from({ length: 30 }, (_, i) => `line ${i}`).join('\n'),
      isError: false,
    });
    expect(drawn).toContain('… 22 more lines');
  });

  it('an agent cannot smuggle a control sequence into the terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const drawn = [
          drawEvent({ type: 'assistant_message', text }),
          drawEvent({
            type: 'tool_use',
            callId: '1',
            name: text,
            input: { command: text, old_string: text, new_string: text },
          }),
          drawEvent({ type: 'tool_result', toolUseId: '1', content: text, isError: true }),
          drawEvent({ type: 'error', message: text }),
          turnFooter({ kind: 'done', reason: text, endedAt: '2026-01-01T10:20:30.000Z', costUsd: 1 }),
        ].join('');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: looked for on purpose.
        expect(drawn.replace(OWN_SEQUENCES, '')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      }),
    );
  });

  it('names paths inside a worktree as the agent sees them', () => {
    const input = { file_path: '/home/a/project/.overstory/worktrees/csv-writer/src/a.ts' };
    expect(describeToolUse('Edit', input)).toBe('Edit src/a.ts');
    const command = 'ov sling T-1 --spec /home/a/project/.overstory/specs/T-1.md';
    expect(describeToolUse('Bash', { command })).toBe('Bash ov sling T-1 --spec .overstory/specs/T-1.md');
    const folder = { path: '/home/a/project/.overstory/worktrees/csv-writer' };
    expect(describeToolUse('LS', folder)).toBe('LS .overstory/worktrees/csv-writer');
  });

  it('makes direction overrides visible', () => {
    expect(neutralise('a\u202eb')).toBe('a�b');
  });

  it('describes calls in plain words', () => {
    expect(describeToolUse('Bash', { command: 'npm test -- mail' })).toBe('Bash npm test -- mail');
    expect(describeToolUse('TodoWrite', {})).toBe('TodoWrite');
  });

  it('names turn, mail count and conversation in the header', () => {
    const drawn = turnHeader({
      number: 4,
      startedAt: '2026-01-01T14:28:51.000Z',
      mails: 2,
      runtime: 'claude',
      resumeId: '93068946-ee20',
      attempt: 1,
    });
    expect(drawn).toContain('14:28:51  turn 4 started · 2 mails injected · resume 93068946');
  });
});
