import { once } from 'node:events';
import { mkdir, watch, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Line, mailText, makeStage, type Stage, texts, toolResults, tools } from './testHarness.ts';

const BEACON =
  '[OVERSTORY] builder-a (builder) 2026-11-23T08:00:00.000Z task:task-1 — Depth: 2 | Parent: lead-1 — Startup: read it';

let stage: Stage;
beforeEach(async () => {
  stage = await makeStage();
});
afterEach(async () => {
  await stage.remove();
});

function sessionOf(result: Line | undefined): string {
  return String(result?.session_id);
}

describe('a whole task', () => {
  it('edits, runs, commits and reports, in the shape of claude’s stream-json', async () => {
    await stage.script(`
start:
  - say: I am {{agent}} on {{branch}} for {{parent}} at depth {{depth}}.
  - read: README.md
  - write: { path: src/a.txt, content: "one\\n" }
  - append: { path: src/a.txt, content: "two\\n" }
  - edit: { path: src/a.txt, find: one, replace: ONE }
  - run: cat src/a.txt
  - run: { command: exit 3, expect: fail }
  - commit: Add a for {{task}}
  - commit: Nothing left
  - mail: { to: operator, type: status, priority: high, subject: half, body: "way, {{agent}}", payload: { of: "{{task}}" } }
  - taskDone: All done.
`);
    const finished = await stage.turn(BEACON);
    expect(finished.stderr).toBe('');
    expect(finished.code).toBe(0);
    expect(await stage.read('src/a.txt')).toBe('ONE\ntwo\n');
    expect((await stage.git('log', '--format=%s', 'main..HEAD')).trim()).toBe('Add a for task-1');
    expect(await stage.git('status', '--porcelain')).toBe('');
    expect(texts(finished)).toEqual(['I am builder-a on overstory/builder-a/task-1 for lead-1 at depth 2.']);
    expect(tools(finished).map((tool) => tool.name)).toEqual([
      'Read',
      'Write',
      'Edit',
      'Edit',
      ...Array(6).fill('Bash'),
    ]);
    expect(toolResults(finished)[4]).toEqual({ content: 'ONE\ntwo', isError: false });
    expect(toolResults(finished)[5]).toEqual({ content: '', isError: true });
    expect(await stage.calls()).toEqual([
      [
        ...['mail', 'send', '--to', 'operator', '--type', 'status', '--subject', 'half', '--body', 'way, builder-a'],
        ...['--priority', 'high', '--payload', '{"of":"task-1"}', '--agent', 'builder-a', '--json'],
      ],
      [
        ...['mail', 'send', '--to', 'lead-1', '--type', 'worker_done', '--subject', 'Worker done: task-1'],
        ...['--body', 'All done.', '--payload'],
        '{"taskId":"task-1","branch":"overstory/builder-a/task-1","exitCode":0,"filesModified":["src/a.txt"]}',
        ...['--agent', 'builder-a', '--json'],
      ],
    ]);
    const [init] = finished.lines;
    expect(init).toMatchObject({
      type: 'system',
      subtype: 'init',
      model: 'rehearsal',
      permissionMode: 'bypassPermissions',
    });
    expect(new Set(finished.lines.map((line) => line.session_id)).size).toBe(1);
    expect(finished.result).toMatchObject({
      subtype: 'success',
      is_error: false,
      num_turns: 11,
      api_error_status: null,
      modelUsage: { rehearsal: { costUSD: finished.result?.total_cost_usd } },
    });
    expect(Number(finished.result?.total_cost_usd)).toBeGreaterThan(0.1);
  });

  it('never commits the agent’s own instructions', async () => {
    await stage.script('start: [{ write: { path: a.txt, content: a } }, { commit: work }]');
    await mkdir(join(stage.root, '.overstory/worktrees/builder-a/.claude'));
    await writeFile(join(stage.root, '.overstory/worktrees/builder-a/.claude/CLAUDE.md'), 'role');
    await stage.turn(BEACON);
    expect(await stage.git('show', '--name-only', '--format=')).toBe('a.txt\n');
  });

  it('does what it can without a script: looks around and reports', async () => {
    const finished = await stage.turn(BEACON, { env: { OVERSTORY_SPEC_PATH: '' } });
    expect(finished.code).toBe(0);
    expect(tools(finished).map((tool) => tool.name)).toEqual(['Read', 'Bash']);
    expect((await stage.calls())[0]).toContain('worker_done');
  });

  it('takes facts of the beacon where the environment has none', async () => {
    await stage.script('start: [{ say: "{{parent}} {{depth}}" }]');
    const finished = await stage.turn(BEACON, { env: { OVERSTORY_PARENT: '', OVERSTORY_DEPTH: '' } });
    expect(texts(finished)).toEqual(['lead-1 2']);
  });
});

describe('mail wakes it', () => {
  it('merges each branch as it becomes ready and completes the run at the last', async () => {
    await stage.script(`
start:
  - sling: { task: part-1, capability: lead, files: [src, docs], flags: [--skip-review] }
  - sling: { task: part-2, capability: lead, name: lead-two, spec: specs/two.md, flags: [--runtime, claude] }
on:
  merge_ready:
    - merge
    - when:
        value: "{{last.status}}"
        equals: ok
        do:
          - count: merged
          - say: "{{count.merged}} merged with {{last.tier}}"
        else:
          - say: "Conflict in {{last.conflicts}}"
    - when: { counter: merged, atLeast: 2, do: [{ ov: [run, complete] }] }
`);
    const first = await stage.turn(BEACON, { env: { OVERSTORY_PARENT: '', OVERSTORY_DEPTH: '0' } });
    const id = sessionOf(first.result);
    const calls = await stage.calls();
    expect(calls).toEqual([
      [
        ...[
          'sling',
          'part-1',
          '--capability',
          'lead',
          '--name',
          'lead-part-1',
          '--parent',
          'builder-a',
          '--depth',
          '1',
        ],
        ...['--files', 'src,docs', '--runtime', 'rehearsal', '--skip-review', '--json'],
      ],
      [
        ...['sling', 'part-2', '--capability', 'lead', '--name', 'lead-two', '--parent', 'builder-a', '--depth', '1'],
        ...['--spec', join(stage.root, 'specs/two.md'), '--runtime', 'claude', '--json'],
      ],
    ]);
    const ready = (number: number) =>
      mailText({ id: `r${number}`, type: 'merge_ready', payload: { branch: `b${number}` } });
    await stage.answer('merge', { success: false, error: 'conflict', tier: 'auto-resolve', conflictFiles: ['a.ts'] });
    const conflict = await stage.turn(ready(1), { resume: id });
    expect(texts(conflict)).toEqual(['Conflict in a.ts']);
    expect(conflict.result).toMatchObject({ is_error: false, session_id: id });
    await stage.answer('merge', { success: true, tier: 'clean-merge', conflictFiles: [] });
    const both = await stage.turn(`${ready(2)}\n\n---\n\n${ready(3)}`, { resume: id });
    expect(texts(both)).toEqual(['1 merged with clean-merge', '2 merged with clean-merge']);
    expect((await stage.calls()).slice(2)).toEqual([
      ['merge', '--branch', 'b1', '--json'],
      ['merge', '--branch', 'b2', '--json'],
      ['merge', '--branch', 'b3', '--json'],
      ['run', 'complete', '--json'],
    ]);
  });

  it('leads: reports each builder’s branch, and itself after the reviewer', async () => {
    await stage.script(`
on:
  - { type: worker_done, subject: PASS, steps: [taskDone] }
  - { type: worker_done, from: builder-b, steps: [mergeReady] }
  - { type: question, steps: [{ reply: "Take {{mail.body}}" }] }
  - { type: nudge, steps: [{ say: "Nudged: {{mail.body}}" }] }
`);
    const first = await stage.turn(BEACON);
    expect(texts(first)).toEqual([]);
    const resume = sessionOf(first.result);
    const payload = { branch: 'b', taskId: 'part-1', filesModified: ['x.ts'] };
    const done = mailText({ id: 'm1', from: 'builder-b', type: 'worker_done', payload });
    const question = mailText({ id: 'm2', type: 'question', body: 'half even' });
    const pass = mailText({ id: 'm3', from: 'reviewer', type: 'worker_done', subject: 'Worker done: part-1 - PASS' });
    await stage.turn([done, question, pass].join('\n\n---\n\n'), { resume });
    const nudged = await stage.turn('how far are you?', { resume });
    expect(texts(nudged)).toEqual(['Nudged: how far are you?']);
    const calls = await stage.calls();
    expect(calls.map((call) => call.slice(0, 6).join(' '))).toEqual([
      'mail send --to lead-1 --type merge_ready',
      'mail reply m2 --body Take half even --agent',
      'mail send --to lead-1 --type worker_done',
    ]);
    expect(JSON.parse(calls[0]?.[calls[0].indexOf('--payload') + 1] ?? '')).toEqual({
      branch: 'b',
      taskId: 'part-1',
      agentName: 'builder-b',
      filesModified: ['x.ts'],
    });
  });

  it('asks, ends its turn, and goes on where it was when the answer comes', async () => {
    await stage.script(`
start:
  - ask: { subject: Rounding?, question: How are halves rounded?, options: [half even, half up] }
  - write: { path: rule.txt, content: "{{answer}}" }
on:
  decision_gate: [{ say: "The gate said {{mail.body}}" }]
`);
    const asked = await stage.turn(BEACON);
    expect(asked.result).toMatchObject({ is_error: false });
    const [call = []] = await stage.calls();
    expect(call).toContain('decision_gate');
    expect(JSON.parse(call[call.indexOf('--payload') + 1] ?? '')).toMatchObject({ options: ['half even', 'half up'] });
    const answer = { id: 'm9', from: 'operator', type: 'decision_gate', thread: 'msg-1', body: 'half even' };
    const answered = await stage.turn(mailText(answer), { resume: sessionOf(asked.result) });
    expect(await stage.read('rule.txt')).toBe('half even');
    expect(texts(answered)).toEqual(['The gate said half even']);
  });

  it('does nothing twice when a mail is delivered again', async () => {
    await stage.script('on: { status: [{ append: { path: log.txt, content: "x" } }] }');
    const first = await stage.turn(mailText({ id: 'm1' }));
    const again = await stage.turn(mailText({ id: 'm1' }), { resume: sessionOf(first.result) });
    expect(await stage.read('log.txt')).toBe('x');
    expect(texts(again)).toEqual(['Nothing in my script asks for anything now. I wait for mail.']);
  });

  it('takes several user turns from one standard input', async () => {
    await stage.script('on: { status: [{ say: "{{mail.id}} in turn {{turn}}" }] }');
    const run = stage.start([mailText({ id: 'm1' }), mailText({ id: 'm2' })]);
    const finished = await run.done;
    expect(texts(finished)).toEqual(['m1 in turn 1', 'm2 in turn 2']);
    expect(finished.lines.filter((line) => line.subtype === 'init')).toHaveLength(2);
    expect(finished.lines.filter((line) => line.type === 'result')).toHaveLength(2);
  });
});

describe('kill -9 and resume', () => {
  const WORK = `
  - write: { path: a.txt, content: "a\\n" }
  - append: { path: a.txt, content: "b\\n" }
  - mail: { subject: one, body: first }
  - count: steps
  - sling: { task: part-1 }
  - commit: work
  - taskDone: "{{count.steps}} counted"`;

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('killed before step %i, it does the rest and nothing twice', async (at) => {
    const lines = WORK.trim()
      .split('\n')
      .map((line) => `  ${line.trim()}`);
    lines.splice(at, 0, '  - crash: { signal: SIGKILL }');
    await stage.script(`start:\n${lines.join('\n')}`);
    const killed = await stage.turn(BEACON);
    expect(killed).toMatchObject({ code: null, signal: 'SIGKILL', result: undefined });
    const [id = ''] = await stage.sessions();
    const resumed = await stage.turn(BEACON, { resume: id });
    expect(resumed.result).toMatchObject({ is_error: false, session_id: id });
    expect(await stage.read('a.txt')).toBe('a\nb\n');
    expect((await stage.git('log', '--format=%s', 'main..HEAD')).trim()).toBe('work');
    expect((await stage.calls()).map((call) => call[0])).toEqual(['mail', 'sling', 'mail']);
    expect((await stage.calls())[2]).toContain('1 counted');
  });

  it.each(['mail', 'sling'])('killed while ov does the %s, it finds it done and does it once', async (word) => {
    await stage.script(`start:${WORK}`);
    // The recording ov kills the process that called it, after it did its work.
    await writeFile(join(stage.root, '..', 'bin', `trap-${word}`), '');
    const killed = await stage.turn(BEACON);
    expect(killed.signal).toBe('SIGKILL');
    const [id = ''] = await stage.sessions();
    const resumed = await stage.turn(BEACON, { resume: id });
    expect(resumed.result).toMatchObject({ is_error: false });
    const sent = (await stage.calls()).filter((call) => call[0] === 'mail' && call.includes('one'));
    expect(sent).toHaveLength(1);
    expect(await stage.read('a.txt')).toBe('a\nb\n');
  });

  it('crashes once with an exit code, and each time when told so', async () => {
    await stage.script('start: [{ crash: { code: 7 } }, { say: past it }, { crash: { code: 9, once: false } }]');
    const first = await stage.turn(BEACON);
    expect(first).toMatchObject({ code: 7, result: undefined });
    const [resume = ''] = await stage.sessions();
    const second = await stage.turn(BEACON, { resume });
    expect(second.code).toBe(9);
    expect(texts(second)).toEqual(['past it']);
    expect((await stage.turn(BEACON, { resume })).code).toBe(9);
  });
});

describe('failures', () => {
  it('answers an unknown conversation with one line, no init, exit 1', async () => {
    const id = '99999999-2222-4333-8444-555555555555';
    const finished = await stage.turn(BEACON, { resume: id });
    expect(finished.code).toBe(1);
    expect(finished.lines).toHaveLength(1);
    expect(finished.result).toMatchObject({
      subtype: 'error_during_execution',
      is_error: true,
      num_turns: 0,
      session_id: id,
      errors: [`No conversation found with session ID: ${id}`],
    });
    expect(finished.stderr).toContain('No conversation found');
  });

  it('answers a resume that is no session id the same way, with a fresh id', async () => {
    const finished = await stage.turn(BEACON, { resume: '../../etc/passwd' });
    expect(finished.code).toBe(1);
    expect(finished.lines).toHaveLength(1);
    expect(sessionOf(finished.result)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('reports a damaged conversation file instead of starting over', async () => {
    await stage.script('start: []');
    const first = await stage.turn(BEACON);
    const id = sessionOf(first.result);
    await writeFile(join(stage.root, '.overstory/rehearsal', `${id}.json`), '{"version":1}');
    const finished = await stage.turn(BEACON, { resume: id });
    expect(finished).toMatchObject({ code: 1 });
    expect(String(finished.result?.errors)).toContain('is damaged: delete it');
  });

  it('uses a given session id once', async () => {
    await stage.script('start: [{ say: hi }]');
    const id = '11111111-2222-4333-8444-555555555555';
    const first = await stage.turn(BEACON, { flags: ['--session-id', id] });
    expect(sessionOf(first.result)).toBe(id);
    const second = await stage.turn(BEACON, { flags: ['--session-id', id] });
    expect(second).toMatchObject({ code: 1, stdout: '', stderr: `Error: Session ID ${id} is already in use.\n` });
  });

  it.each([
    [['--nonsense'], "error: unknown option '--nonsense'"],
    [['--session-id', 'x'], 'Must be a valid UUID'],
    [['--model'], "option '--model <value>' argument missing"],
    [['--output-format', 'text'], '--output-format must be stream-json'],
  ])('refuses the flags %j on standard error', async (flags, message) => {
    const finished = await stage.turn(BEACON, { flags });
    expect(finished).toMatchObject({ code: 1, stdout: '' });
    expect(finished.stderr).toContain(message);
  });

  it('accepts every flag the adapters use', async () => {
    await stage.script('start: [{ say: hi }]');
    const flags = ['--model', 'sonnet', '--settings', '/none.json', '--append-system-prompt-file', '/role.md'];
    expect((await stage.turn(BEACON, { flags })).code).toBe(0);
  });

  it('reports a bad script with file and line as a failed turn, and works once it is mended', async () => {
    await stage.script('start:\n  - sing: la');
    const bad = await stage.turn(BEACON);
    expect(bad.code).toBe(1);
    expect(bad.result).toMatchObject({ subtype: 'success', is_error: true });
    expect(String(bad.result?.result)).toMatch(/task-1\.md:5: start\.0: unknown step "sing"/);
    await stage.script('start:\n  - say: la');
    const good = await stage.turn(BEACON, { resume: sessionOf(bad.result) });
    expect(texts(good)).toEqual(['la']);
  });

  it('reports a spec that does not exist', async () => {
    const finished = await stage.turn(BEACON, { env: { OVERSTORY_SPEC_PATH: join(stage.root, 'none.md') } });
    expect(finished.result).toMatchObject({ is_error: true });
    expect(String(finished.result?.result)).toContain('the spec cannot be read');
  });

  it.each([
    ['run: exit 4', 'run: the command ended with exit code 4'],
    ['run: { command: "true", expect: fail }', 'run: the command succeeded, but the script expects it to fail'],
    ['edit: { path: README.md, find: nowhere, replace: x }', 'edit: the text to find is not in'],
    ['write: { path: ../escape.txt, content: x }', 'write: path "../escape.txt" is outside the worktree'],
    ['read: missing.txt', 'read: ENOENT'],
    ['say: "{{payload.branch}}"', 'say: {{payload.branch}} has no value here'],
    ['reply: hi', 'reply: reply needs a mail to answer'],
  ])('a step that goes wrong fails the turn and is tried again: %s', async (step, message) => {
    await stage.script(`start:\n  - say: before\n  - ${step}`);
    const first = await stage.turn(BEACON);
    expect(first).toMatchObject({ code: 1, result: { is_error: true } });
    expect(String(first.result?.result)).toContain(`task-1.md:6: ${message}`);
    const second = await stage.turn(BEACON, { resume: sessionOf(first.result) });
    expect(texts(second)).toHaveLength(1);
    expect(String(second.result?.result)).toContain(message);
  });

  it('fails a turn on purpose once, with the status of a pretended API error', async () => {
    await stage.script('start: [{ fail: { message: overloaded, status: 529 } }, { say: recovered }]');
    const failed = await stage.turn(BEACON);
    expect(failed).toMatchObject({ code: 1, result: { is_error: true, result: 'overloaded', api_error_status: 529 } });
    const recovered = await stage.turn(BEACON, { resume: sessionOf(failed.result) });
    expect(recovered).toMatchObject({ code: 0, result: { is_error: false, result: 'recovered' } });
  });

  it('refuses unreadable input and ignores lines of other types', async () => {
    await stage.script('start: [{ say: hi }]');
    const other = '\n{"type":"keep_alive"}\nnull\n';
    const ignored = await stage.turn('', { input: other });
    expect(ignored).toMatchObject({ code: 0, stdout: '' });
    const torn = await stage.turn('', { input: `${other}{"type":"user"` });
    expect(torn).toMatchObject({ code: 1, stdout: '' });
    expect(torn.stderr).toBe('Error parsing streaming input line: {"type":"user"\n');
  });
});

describe('misbehaviour for testing an engine', () => {
  it('hangs until interrupted, then ends like claude: an error result and exit 0', async () => {
    await stage.script('start: [{ say: waiting }, hang]');
    const { child, done } = stage.start([BEACON]);
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk;
      if (seen.includes('waiting')) child.kill('SIGINT');
    });
    const finished = await done;
    expect(finished).toMatchObject({ code: 0, signal: null });
    expect(finished.result).toMatchObject({
      subtype: 'error_during_execution',
      is_error: true,
      terminal_reason: 'aborted_tools',
    });
  });

  it('ends the running command when interrupted, and runs it again later', async () => {
    await stage.script('start: [{ run: "test -e go && echo went || { touch go; sleep 60; }" }]');
    const changes = watch(stage.worktree);
    const { child, done } = stage.start([BEACON]);
    for await (const change of changes) if (change.filename === 'go') break;
    child.kill('SIGINT');
    const interrupted = await done;
    expect(interrupted.code).toBe(0);
    const resumed = await stage.turn(BEACON, { resume: sessionOf(interrupted.result) });
    expect(toolResults(resumed)).toEqual([{ content: 'went', isError: false }]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends with claude’s exit code at %s, without a result', async (signal, code) => {
    await stage.script('start: [hang]');
    const { child, done } = stage.start([BEACON]);
    if (child.stdout !== null) await once(child.stdout, 'data');
    child.kill(signal);
    expect(await done).toMatchObject({ code, result: undefined });
  });

  it('floods its log with numbered text, in many lines or in one', async () => {
    await stage.script('start: [{ flood: { megabytes: 2 } }, { flood: { megabytes: 1, oneLine: true } }]');
    const finished = await stage.turn(BEACON);
    const said = texts(finished);
    expect(said.slice(0, -1).join('')).toHaveLength(2 * 1024 * 1024);
    expect(said.at(-1)).toHaveLength(1024 * 1024);
    expect(Number(finished.result?.total_cost_usd)).toBeLessThan(0.01);
  });

  it('floods its terminal without touching the log', async () => {
    await stage.script('start: [{ flood: { megabytes: 1, to: terminal } }]');
    const finished = await stage.turn(BEACON);
    expect(finished.stderr.length).toBeGreaterThan(1024 * 1024);
    expect(texts(finished)).toEqual([]);
  });

  it('writes broken lines and announces retries', async () => {
    await stage.script(
      `start: [{ broken: '{"type":' }, { retry: { attempts: 2, delayMs: 0, status: 401 } }, { say: on }]`,
    );
    const finished = await stage.turn(BEACON);
    expect(finished.stdout).toContain('\n{"type":\n');
    expect(finished.lines.filter((line) => line.subtype === 'api_retry')).toMatchObject([
      { attempt: 1, max_retries: 2, error_status: 401, error: 'authentication_failed' },
      { attempt: 2, max_retries: 2 },
    ]);
    expect(finished.result).toMatchObject({ is_error: false, result: 'on' });
  });

  it('works on when nobody reads its output any more', async () => {
    await stage.script('start: [{ flood: { megabytes: 1 } }, { write: { path: end.txt, content: reached } }]');
    const { child, done } = stage.start([BEACON]);
    child.stdout?.destroy();
    expect((await done).code).toBe(0);
    expect(await stage.read('end.txt')).toBe('reached');
  });
});
