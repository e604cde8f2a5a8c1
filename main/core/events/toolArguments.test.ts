import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterToolArguments } from './toolArguments.ts';

const EIGHTY = 'x'.repeat(80);

describe('filterToolArguments', () => {
  it.each([
    [
      'Bash',
      { command: 'ls -la', description: 'list', timeout: 5 },
      { command: 'ls -la', description: 'list' },
      'bash: ls -la',
    ],
    ['Bash', { command: EIGHTY }, { command: EIGHTY }, `bash: ${EIGHTY}`],
    ['Bash', { command: `${EIGHTY}y` }, { command: `${EIGHTY}y` }, `bash: ${EIGHTY}...`],
    ['Bash', {}, {}, 'bash: '],
    [
      'Read',
      { file_path: '/a', offset: 10, limit: 20 },
      { file_path: '/a', offset: 10, limit: 20 },
      'read: /a (lines 10-30)',
    ],
    ['Read', { file_path: '/a', offset: 10 }, { file_path: '/a', offset: 10 }, 'read: /a (from line 10)'],
    ['Read', { file_path: '/a', limit: 20 }, { file_path: '/a', limit: 20 }, 'read: /a (first 20 lines)'],
    ['Read', { file_path: '/a' }, { file_path: '/a' }, 'read: /a'],
    [
      'Read',
      { file_path: '/a', offset: 0, limit: 5 },
      { file_path: '/a', offset: 0, limit: 5 },
      'read: /a (lines 0-5)',
    ],
    ['Read', { file_path: 42 }, { file_path: 42 }, 'read: '],
    ['Read', { file_path: '/a', offset: null }, { file_path: '/a', offset: null }, 'read: /a'],
    ['Write', { file_path: '/a', content: 'secret' }, { file_path: '/a' }, 'write: /a'],
    ['Edit', { file_path: '/a', old_string: 'o', new_string: 'n' }, { file_path: '/a' }, 'edit: /a'],
    ['Glob', { pattern: '**/*.ts' }, { pattern: '**/*.ts' }, 'glob: **/*.ts'],
    ['Glob', { pattern: '*.ts', path: 'src' }, { pattern: '*.ts', path: 'src' }, 'glob: *.ts in src'],
    [
      'Grep',
      { pattern: 'foo', path: 'src', glob: '*.ts', output_mode: 'content', '-n': true },
      { pattern: 'foo', path: 'src', glob: '*.ts', output_mode: 'content' },
      'grep: "foo" in src',
    ],
    ['Grep', { pattern: 'foo' }, { pattern: 'foo' }, 'grep: "foo"'],
    ['WebFetch', { url: 'http://x', prompt: 'read it' }, { url: 'http://x' }, 'fetch: http://x'],
    ['WebSearch', { query: 'q', allowed_domains: [] }, { query: 'q' }, 'search: q'],
    [
      'Task',
      { description: 'd', subagent_type: 'scout', prompt: 'long' },
      { description: 'd', subagent_type: 'scout' },
      'task: d (scout)',
    ],
    ['Task', { description: 'd' }, { description: 'd' }, 'task: d'],
    ['mcp__thing', { anything: 1 }, {}, 'mcp__thing'],
    ['Bash', { command: null, description: undefined }, { command: null }, 'bash: '],
  ])('%s %j', (tool, input, args, summary) => {
    expect(filterToolArguments(tool, input)).toEqual({ args, summary });
    expect(Object.keys(filterToolArguments(tool, input).args).sort()).toEqual(Object.keys(args).sort());
  });

  it('never lets an unlisted value through, whatever it is called', () => {
    const secret = 'SECRET-VALUE';
    const keys = ['content', 'old_string', 'new_string', 'prompt', 'edits', 'timeout', 'toString', '__proto__'];
    fc.assert(
      fc.property(
        fc.constantFrom('Bash', 'Read', 'Write', 'Edit', 'Glob', 'Grep', 'WebFetch', 'WebSearch', 'Task', 'Other'),
        fc.dictionary(fc.constantFrom(...keys), fc.constant(secret)),
        (tool, input) => {
          expect(JSON.stringify(filterToolArguments(tool, input))).not.toContain(secret);
        },
      ),
    );
  });
});
