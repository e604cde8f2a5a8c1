import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

type Line = Readonly<Record<string, unknown>>;
const AGENT = join(import.meta.dirname, 'rehearsalAgent.testProcess.ts');

let folder = '';
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'ocr-bridge-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Turn {
  readonly child: ChildProcess;
  readonly lines: Line[];
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
  until(matches: (line: Line) => boolean): Promise<Line>;
}

function startTurn(args: readonly string[], prompt: string): Turn {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'index.ts'), ...args],
    {
      cwd: folder,
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, OVERSTORY_AGENT_NAME: 'b1' },
    },
  );
  const lines: Line[] = [];
  const waiting: { readonly matches: (line: Line) => boolean; readonly found: (line: Line) => void }[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    for (const each of waiting) if (each.matches(line)) each.found(line);
  });
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  child.stdin.end(
    `${JSON.stringify({ type: 'user', message: { role: 'user', content: [{ type: 'text', text: prompt }] } })}\n`,
  );
  return {
    child,
    lines,
    ended: Promise.all([once(child, 'exit'), once(reader, 'close')]).then(([[code]]) => ({
      code: code as number | null,
      stderr,
    })),
    until: (matches) => new Promise((found) => waiting.push({ matches, found })),
  };
}

async function turn(
  args: readonly string[],
  prompt: string,
): Promise<{ code: number | null; lines: Line[]; result: Line }> {
  const started = startTurn(args, prompt);
  const { code, stderr } = await started.ended;
  const result = started.lines.at(-1);
  if (result?.type !== 'result') throw new Error(`no result: ${stderr}`);
  return { code, lines: started.lines, result };
}

/** A command of ours in front of the PATH. */
async function command(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
}

const texts = (lines: readonly Line[]): string[] =>
  lines.flatMap((line) => {
    const message = line.message as { readonly content: readonly { readonly text?: string }[] } | undefined;
    return line.type === 'assistant' ? (message?.content ?? []).flatMap((block) => block.text ?? []) : [];
  });

describe('turn of a one-shot command', () => {
  it('delivers the text as an argument and tells words and success', async () => {
    await command('cli', 'echo "got: $2"; echo second');
    const { code, lines, result } = await turn(['text', '--', 'cli', '-p', '{prompt}'], "it's $HOME {prompt}");
    expect(texts(lines).join('\n')).toBe("got: it's $HOME {prompt}\nsecond");
    expect(result).toMatchObject({ subtype: 'success', is_error: false, num_turns: 1 });
    expect(code).toBe(0);
  });

  it('fails with its exit code, its last words as the reason', async () => {
    await command('cli', 'echo "no account"; exit 4');
    const { code, result } = await turn(['text', '--', 'cli', '{prompt}'], 'x');
    expect(result).toMatchObject({ is_error: true, errors: ['no account'] });
    expect(code).toBe(4);
  });

  it('says that a command is missing', async () => {
    const { code, result } = await turn(['text', '--', 'no-such-cli', '{prompt}'], 'x');
    expect(result).toMatchObject({ is_error: true, errors: [expect.stringContaining('command not found')] });
    expect(code).toBe(127);
  });

  it('hands a text that is too long for an argument over in a file', async () => {
    await command('cli', 'file=$(printf %s "$1" | grep -o "/[^ ]*turn.md"); wc -c < "$file"');
    const { lines } = await turn(['text', '--', 'cli', '{prompt}'], 'x'.repeat(300_000));
    expect(texts(lines)[0]?.trim()).toBe('300000');
  });

  it('wraps the JSON lines of a structured command and shows other words', async () => {
    await command('cli', `echo '{"type":"text","text":"hi"}'; echo '{torn'`);
    const { lines } = await turn(['json', '--', 'cli', '{prompt}'], 'x');
    expect(lines[0]).toEqual({ type: 'foreign', entry: { type: 'text', text: 'hi' } });
    expect(texts(lines)).toEqual(['{torn']);
  });

  it('fails with what was said on standard error when nothing else was', async () => {
    await command('cli', 'echo "no such session" >&2; exit 1');
    const { result } = await turn(['text', '--', 'cli', '{prompt}'], 'x');
    expect(result).toMatchObject({ is_error: true, errors: ['no such session'] });
  });

  it('hands an interrupt on to the command and reports it', async () => {
    await command('cli', 'trap "exit 130" INT; echo ready; while :; do sleep 0.05; done');
    const started = startTurn(['text', '--', 'cli', '{prompt}'], 'x');
    await started.until((line) => line.type === 'assistant');
    started.child.kill('SIGINT');
    expect((await started.ended).code).toBe(130);
    expect(started.lines.at(-1)).toMatchObject({ type: 'result', is_error: true });
  });
});

describe('turn of an agent that speaks the Agent Client Protocol', () => {
  const acp = (...flags: readonly string[]) => [
    '--',
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    AGENT,
    ...flags,
  ];

  it('begins a conversation, joins its words and tells success and cost', async () => {
    const { code, lines, result } = await turn(['acp', ...acp()], 'cost 0.25\nsay one two three');
    expect(lines[0]).toMatchObject({ type: 'system', subtype: 'init', session_id: 'conversation-1' });
    expect(texts(lines)).toEqual(['one two three']);
    expect(result).toMatchObject({
      is_error: false,
      session_id: 'conversation-1',
      result: 'one two three',
      total_cost_usd: 0.25,
    });
    expect(code).toBe(0);
  });

  it('resumes it, without telling its history again', async () => {
    await turn(['acp', ...acp()], 'say first');
    const { lines, result } = await turn(['acp', '--resume', 'conversation-1', ...acp()], 'remember');
    expect(texts(lines)).toEqual(['say first']);
    expect(result).toMatchObject({ is_error: false, session_id: 'conversation-1' });
  });

  it.each([
    ['an unknown conversation', []],
    ['an agent that keeps none', ['--no-memory']],
  ])('tells %s in the words the engine knows', async (_name, flags) => {
    const { code, lines, result } = await turn(['acp', '--resume', 'lost-1', ...acp(...flags)], 'say hi');
    expect(lines).toHaveLength(1);
    expect(result).toMatchObject({
      is_error: true,
      num_turns: 0,
      errors: [expect.stringMatching(/^No conversation found with session ID: lost-1/)],
    });
    expect(code).toBe(1);
  });

  it('says that nobody is logged in', async () => {
    const { result } = await turn(['acp', ...acp('--no-account')], 'say hi');
    expect(result).toMatchObject({
      is_error: true,
      api_error_status: 401,
      errors: [expect.stringContaining('not logged in')],
    });
  });

  it('asks the guard before each tool, allows once and never always', async () => {
    await command('ov', 'cat > call.json');
    const { lines } = await turn(['acp', ...acp()], 'run git status');
    expect(lines).toMatchObject([
      { subtype: 'init' },
      { message: { content: [{ type: 'tool_use', name: 'Bash', input: { command: 'git status' } }] } },
      { message: { content: [{ type: 'tool_result', content: 'yes', is_error: false }] } },
      { type: 'result', is_error: false },
    ]);
  });

  it.each([
    ['refuses', `echo '{"decision":"block","reason":"no pushes"}'`, /no pushes/],
    ['fails', 'exit 3', /no answer/],
  ])('does not run a tool when the guard %s', async (_name, script, reason) => {
    await command('ov', `cat > call.json; ${script}`);
    const { lines } = await turn(['acp', ...acp()], 'run git push');
    expect(lines.slice(1, 3)).toMatchObject([
      { message: { content: [{ type: 'tool_use', name: 'Bash', input: { command: 'git push' } }] } },
      { message: { content: [{ type: 'tool_result', content: expect.stringMatching(reason), is_error: true }] } },
    ]);
  });

  it('tells an agent that stopped at a refused call why, and lets it go on, in the same turn', async () => {
    await command('ov', `cat > call.json; echo '{"decision":"block","reason":"no pushes"}'`);
    const { lines, result } = await turn(['acp', ...acp()], 'run git push');
    expect(texts(lines)).toEqual([expect.stringMatching(/^told: The guard .* refused/)]);
    expect(result).toMatchObject({ is_error: false });
    expect(lines.filter((line) => line.type === 'result')).toHaveLength(1);
  });

  it('does not follow up for ever: an agent that insists is let go after three tries', async () => {
    await command('ov', `cat >> calls; echo >> calls; echo '{"decision":"block","reason":"no pushes"}'`);
    const { result } = await turn(['acp', ...acp('--stubborn')], 'run git push');
    expect(result).toMatchObject({ is_error: false });
    expect((await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n')).toHaveLength(4);
  });

  it('asks the guard for each file of an edit, and refuses one that names none', async () => {
    await command('ov', `cat >> calls; echo >> calls`);
    await turn(['acp', ...acp()], 'edit a.ts b.ts');
    const calls = (await readFile(join(folder, 'calls'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(calls.map((call) => [call.tool_name, call.tool_input.file_path])).toEqual([
      ['Edit', 'a.ts'],
      ['Edit', 'b.ts'],
    ]);
    const { lines } = await turn(['acp', ...acp()], 'edit');
    expect(JSON.stringify(lines)).toContain('does not say which file it changes');
  });

  it.each([
    [
      'the process so far',
      'usage 100 10 40 0 110',
      { input_tokens: 60, output_tokens: 10, cache_read_input_tokens: 40 },
    ],
    ['cached tokens beside the input', 'usage 100 10 40 5 155', { input_tokens: 100, cache_creation_input_tokens: 5 }],
    ['the prompt, as Gemini does', 'quota 7 3', { input_tokens: 7, output_tokens: 3 }],
  ])('counts tokens an agent tells of %s', async (_name, prompt, usage) => {
    expect((await turn(['acp', ...acp()], prompt)).result.usage).toMatchObject(usage);
  });

  it('does not charge a resumed turn with the money of the turns before it', async () => {
    await turn(['acp', ...acp()], 'cost 0.25');
    const resumed = ['acp', '--resume', 'conversation-1'];
    expect((await turn([...resumed, ...acp()], 'cost 0.40')).result.total_cost_usd).toBeNull();
    expect((await turn([...resumed, ...acp('--tell-cost')], 'cost 0.40')).result.total_cost_usd).toBeCloseTo(0.15);
  });

  it('waits for a history that is told after the conversation is loaded', async () => {
    await turn(['acp', ...acp()], 'say first');
    const { lines } = await turn(['acp', '--resume', 'conversation-1', ...acp('--late-history')], 'say now');
    expect(texts(lines)).toEqual(['now']);
  });

  it.each([
    ['as an error of the protocol', 'fail 401', 401, /refused by the server/],
    ['as the last words of an answer without tokens', 'words', 401, /^Error: Authentication failed/],
  ])('tells a refused account, %s', async (_name, prompt, status, reason) => {
    const { result } = await turn(['acp', ...acp()], prompt);
    expect(result).toMatchObject({ is_error: true, api_error_status: status, errors: [expect.stringMatching(reason)] });
  });

  it('takes words that only look like a failure for words when tokens were counted', async () => {
    const { result } = await turn(['acp', ...acp()], 'words\nquota 1 1');
    expect(result).toMatchObject({ is_error: false });
  });

  it('cancels the prompt on an interrupt', async () => {
    const started = startTurn(['acp', ...acp()], 'wait');
    await started.until((line) => line.subtype === 'init');
    started.child.kill('SIGINT');
    expect((await started.ended).code).toBe(1);
    expect(started.lines.at(-1)).toMatchObject({ is_error: true, errors: ['interrupted'] });
  });

  it.each([
    ['refuses', 'refuse', /refused to go on/],
    ['dies', 'die', /./],
  ])('fails when the agent %s', async (_name, prompt, reason) => {
    const { code, result } = await turn(['acp', ...acp()], prompt);
    expect(result).toMatchObject({ is_error: true, errors: [expect.stringMatching(reason)] });
    expect(code).toBe(1);
  });

  it('says that the agent is missing', async () => {
    const { result } = await turn(['acp', '--', 'no-such-agent'], 'x');
    expect(result).toMatchObject({ is_error: true, errors: [expect.stringContaining('command not found')] });
  });
});
