import { describe, expect, it } from 'vitest';
import { readScript, type Script } from './script.ts';
import { render, renderDeep, renderShell } from './template.ts';

const READER = { agent: 'builder-a', capability: 'builder' };

function read(spec: string): Script {
  const result = readScript(spec, 'task.md', READER);
  if (!result.ok) throw new Error(result.error.message);
  if (result.value === null) throw new Error('no script found');
  return result.value;
}

function problem(yaml: string): string {
  const result = readScript(`# Task\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`, 'task.md', READER);
  if (result.ok) throw new Error('the script was accepted');
  return result.error.message;
}

const block = (info: string, text: string) => `\`\`\`${info}\nstart: [{ say: ${text} }]\n\`\`\`\n`;

describe('finding the script', () => {
  it('is null for a spec without a rehearsal block', () => {
    expect(readScript('# Task\n```yaml\nstart: []\n```\n', 'task.md', READER)).toEqual({ ok: true, value: null });
  });

  it.each([
    [
      'the agent first',
      block('rehearsal builder', 'role') + block('rehearsal builder-a', 'me') + block('rehearsal', 'any'),
      'me',
    ],
    ['then its role', block('rehearsal', 'any') + block('rehearsal builder', 'role'), 'role'],
    ['then the one for all', block('rehearsal reviewer', 'other') + block('rehearsal', 'any'), 'any'],
  ])('takes the block for %s', (_case, spec, text) => {
    expect(read(spec).start).toEqual([{ kind: 'say', text }]);
  });

  it('does not look into other fenced blocks', () => {
    const spec = `\`\`\`\`markdown\n${block('rehearsal', 'quoted')}\`\`\`\`\n${block('rehearsal', 'real')}`;
    expect(read(spec).start).toEqual([{ kind: 'say', text: 'real' }]);
  });

  it('reads indented blocks and Windows line ends', () => {
    expect(read('- item\r\n  ~~~rehearsal\r\n  start:\r\n    - say: hi\r\n  ~~~\r\n').start).toEqual([
      { kind: 'say', text: 'hi' },
    ]);
  });
});

describe('short forms', () => {
  it.each([
    ['say: 42', { kind: 'say', text: '42' }],
    ['run: npm test', { kind: 'run', command: 'npm test', expect: 'ok', timeoutSeconds: 600, guarded: false }],
    ['taskDone', { kind: 'taskDone', summary: 'Done.', verdict: null }],
    ['taskDone: ok', { kind: 'taskDone', summary: 'ok', verdict: null }],
    ['crash', { kind: 'crash', code: 1, signal: null, once: true }],
    ['hang', { kind: 'hang' }],
    ['ov: [run, complete]', { kind: 'ov', arguments: ['run', 'complete'], expect: 'ok' }],
    ['merge: main-fix', { kind: 'merge', branch: 'main-fix', into: null, expect: 'any' }],
    [
      'mergeReady',
      {
        kind: 'mergeReady',
        branch: '{{payload.branch}}',
        taskId: '{{payload.taskId}}',
        agentName: '{{mail.from}}',
      },
    ],
  ])('%s', (entry, step) => {
    expect(read(`\`\`\`rehearsal\nstart:\n  - ${entry}\n\`\`\``).start).toEqual([step]);
  });

  it('reads handlers as a mapping or as a list of matchers', () => {
    const mapping = read('```rehearsal\non:\n  merge_ready: [merge]\n  any: [{ say: hm }]\n```');
    expect(mapping.handlers.map((handler) => [handler.type, handler.count, handler.steps.length])).toEqual([
      ['merge_ready', null, 1],
      ['any', null, 1],
    ]);
    const list = read(
      '```rehearsal\non:\n  - { type: worker_done, from: b1, subject: PASS, count: 3, steps: [taskDone] }\n```',
    );
    expect(list.handlers).toMatchObject([{ type: 'worker_done', from: 'b1', subject: 'PASS', body: null, count: 3 }]);
  });
});

describe('errors name the file, the line and the remedy', () => {
  it.each([
    ['start:\n  - sing: la', /^rehearsal script, task\.md:4: start\.0: unknown step "sing": use one of say, think/],
    ['start:\n  - say: a\n    run: b', /task\.md:4: start\.0: expected one step .* found say, run/],
    ['start:\n  - say: a\n  - 7', /task\.md:5: start\.1: expected one step/],
    ['start:\n  - write: { path: a }', /task\.md:4: start\.0\.write\.content: write: expected text/],
    ['start:\n  - write: { path: a, content: b, mode: 1 }', /:4: start\.0\.write: write: Unrecognized key: "mode"/],
    ['start: hello', /task\.md:3: start: expected a list of steps/],
    ['begin: []', /task\.md:3: unknown key "begin": a script has start and on/],
    ['on:\n  merge_reddy: []', /task\.md:4: on\.merge_reddy: unknown mail type "merge_reddy": use one of status/],
    ['on:\n  status:\n    - sai: x', /task\.md:5: on\.status\.0: unknown step "sai"/],
    ['on: 5', /task\.md:3: on: expected a list of matchers or a mapping/],
    ['on:\n  - { count: 0, steps: [] }', /task\.md:4: on\.0\.count: Too small/],
    ['start:\n  - when: { counter: merged, do: [] }', /:4: start\.0\.when: when: needs exactly one of equals/],
    ['start:\n  - when: { equals: a, do: [] }', /needs either counter or value/],
    [
      'start:\n  - when:\n      counter: a\n      atLeast: 1\n      do:\n        - sai: x',
      /task\.md:8: .*unknown step "sai"/,
    ],
    ['start:\n  - ask: { subject: s, question: q, options: [a] }', /at least two options/],
    ['start:\n  - merge: {{payload.branch}}', /task\.md:4: .*put quotes around a value that begins with \{\{/],
    ['start:\n  - say: "{{mial.from}}"', /task\.md:4: unknown placeholder \{\{mial\.from\}\}: use one of agent/],
    ['start:\n  - say: "a', /task\.md:\d+: not readable as YAML/],
    ['start: &a [*a]', /^rehearsal script, task\.md:\d+: /],
    ['start:\n  - mail: { subject: s, body: b, type: letter }', /start\.0\.mail\.type: mail: Invalid option/],
  ])('%j', (yaml, message) => {
    const text = problem(yaml);
    expect(text).toMatch(message);
    expect(text).not.toContain('\n');
  });

  it('says when a block is never closed', () => {
    const result = readScript('text\n```rehearsal\nstart: []\n', 'task.md', READER);
    expect(!result.ok && result.error.message).toBe(
      'rehearsal script, task.md:2: the ```rehearsal block is never closed: end it with ```',
    );
  });

  it('finds the line of a step inside nested lists', () => {
    const script = read(
      '# T\n\n```rehearsal\nstart:\n  - say: a\n  - when:\n      counter: c\n      atLeast: 1\n      do:\n        - say: b\non:\n  status:\n    - say: c\n```',
    );
    expect(script.lineOf('start', [1, 'when', 'do', 0])).toBe(10);
    expect(script.lineOf(0, [0])).toBe(13);
  });
});

describe('placeholders', () => {
  const values: Record<string, string> = { agent: 'b1', 'mail.body': "it's $(rm -rf /) {{agent}} $& $1" };
  const lookup = (name: string) => values[name];

  it.each([
    ['{{agent}} and {{ agent }}', 'b1 and b1'],
    ['{{payload.x|none}}', 'none'],
    ['\\{{agent}}', '{{agent}}'],
    ['{{mail.body}}', "it's $(rm -rf /) {{agent}} $& $1"],
    ['style={{ color: 1 }} {{}} {{ }} {{-}}', 'style={{ color: 1 }} {{}} {{ }} {{-}}'],
  ])('%s becomes %s', (text, expected) => {
    expect(render(text, lookup)).toEqual({ ok: true, value: expected });
  });

  it('names the placeholder that has no value', () => {
    const result = render('{{agent}} {{payload.branch}}', lookup);
    expect(!result.ok && result.error.message).toBe(
      '{{payload.branch}} has no value here; give it one with {{payload.branch|default}}',
    );
  });

  it('quotes values for the shell, so that a mail cannot bring commands', () => {
    expect(renderShell('echo {{mail.body}}', lookup)).toEqual({
      ok: true,
      value: "echo 'it'\\''s $(rm -rf /) {{agent}} $& $1'",
    });
  });

  it('fills texts at any depth of a payload and leaves the rest', () => {
    expect(renderDeep({ a: ['{{agent}}', 1, null], b: { c: '{{agent}}' } }, lookup)).toEqual({
      ok: true,
      value: { a: ['b1', 1, null], b: { c: 'b1' } },
    });
    expect(renderDeep(['{{payload.x}}'], lookup).ok).toBe(false);
  });
});
