import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Test support: a real repository, the real rehearsal executable, and an `ov` that only records what it is asked. */

const run = promisify(execFile);
const ENTRY = join(import.meta.dirname, 'index.ts');
const FLAGS =
  '-p --output-format stream-json --input-format stream-json --verbose --strict-mcp-config --permission-mode bypassPermissions';

export type Line = Readonly<Record<string, unknown>>;

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly lines: readonly Line[];
  /** The last result line. */
  readonly result: Line | undefined;
}

export interface TurnOptions {
  readonly resume?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input as it is, instead of user turns. */
  readonly input?: string;
}

/** One agent's worktree inside a project of its own. */
export interface Stage {
  readonly root: string;
  readonly worktree: string;
  /** Writes the task's spec with this script in its block. */
  script(yaml: string): Promise<void>;
  spec(text: string): Promise<void>;
  /** Starts one turn with these texts as its user turns. */
  start(
    texts: readonly string[],
    options?: TurnOptions,
  ): { readonly child: ChildProcess; readonly done: Promise<Finished> };
  turn(text: string, options?: TurnOptions): Promise<Finished>;
  /** Arguments of every call of `ov` so far, without the looking-up ones. */
  calls(): Promise<string[][]>;
  /** Makes the next `ov` calls that begin with this word answer with this JSON; success false means exit code 1. */
  answer(word: string, reply: Line): Promise<void>;
  sessions(): Promise<string[]>;
  git(...args: readonly string[]): Promise<string>;
  read(path: string): Promise<string>;
  remove(): Promise<void>;
}

/** Records its arguments and keeps mails and agents in a file; enough of `ov` for an agent to believe in. */
const FAKE_OV = `
const fs = require('node:fs');
const path = require('node:path');
const args = process.argv.slice(2);
const folder = path.dirname(process.argv[1]);
const stateFile = path.join(folder, 'state.json');
const state = fs.existsSync(stateFile) ? JSON.parse(fs.readFileSync(stateFile, 'utf8')) : { calls: [], messages: [], agents: [] };
const value = (flag) => args[args.indexOf(flag) + 1];
state.calls.push(args);
let reply = { success: true };
const canned = path.join(folder, args[0] + '.json');
if (fs.existsSync(canned)) reply = JSON.parse(fs.readFileSync(canned, 'utf8'));
else if (args[0] === 'mail' && args[1] === 'send') {
  const id = 'msg-' + (state.messages.length + 1);
  state.messages.push({ id, from: value('--agent'), to: value('--to'), type: value('--type'), subject: value('--subject'), body: value('--body'), createdAt: new Date().toISOString() });
  reply = { success: true, id };
} else if (args[0] === 'mail' && args[1] === 'reply') {
  state.messages.push({ id: 'msg-' + (state.messages.length + 1), from: value('--agent'), body: value('--body'), createdAt: new Date().toISOString() });
} else if (args[0] === 'mail' && args[1] === 'list') {
  reply = { success: true, messages: state.messages.filter((mail) => mail.from === value('--from')) };
} else if (args[0] === 'sling') {
  const name = value('--name');
  if (state.agents.includes(name)) reply = { success: false, error: 'agent name ' + name + ' is in use' };
  else state.agents.push(name);
} else if (args[0] === 'agents') reply = { success: true, agents: state.agents.map((agentName) => ({ agentName })) };
fs.writeFileSync(stateFile + '.tmp', JSON.stringify(state));
fs.renameSync(stateFile + '.tmp', stateFile);
const finish = () => { process.stdout.write(JSON.stringify(reply) + '\\n'); process.exit(reply.success === false ? 1 : 0); };
const trap = path.join(folder, 'trap-' + args[0]);
if (fs.existsSync(trap)) { const pid = Number(fs.readFileSync(trap, 'utf8')); fs.rmSync(trap); process.kill(pid || process.ppid, 'SIGKILL'); setTimeout(finish, 50); }
else finish();
`;

/** Makes a project with one commit, checked out on a branch of the agent's own. */
export async function makeStage(): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), 'ocr-rehearsal-'));
  const project = join(root, 'project');
  const bin = join(root, 'bin');
  const specPath = join(project, '.overstory', 'specs', 'task-1.md');
  await mkdir(join(project, '.overstory', 'specs'), { recursive: true });
  await mkdir(bin);
  await writeFile(join(bin, 'ov.cjs'), FAKE_OV);
  await writeFile(join(bin, 'ov'), `#!/bin/sh\nexec '${process.execPath}' '${join(bin, 'ov.cjs')}' "$@"\n`);
  await chmod(join(bin, 'ov'), 0o755);
  const git = async (...args: readonly string[]) => {
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid'];
    return (await run('git', [...identity, ...args], { cwd: project })).stdout;
  };
  await git('init', '-q', '-b', 'main');
  await writeFile(join(project, 'README.md'), '# Sample\n');
  await writeFile(join(project, '.gitignore'), '.overstory/\n');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'first');
  const worktree = join(project, '.overstory', 'worktrees', 'builder-a');
  await git('worktree', 'add', '-q', '-b', 'overstory/builder-a/task-1', worktree);

  const environment: NodeJS.ProcessEnv = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: root,
    GIT_CONFIG_NOSYSTEM: '1',
    OVERSTORY_AGENT_NAME: 'builder-a',
    OVERSTORY_CAPABILITY: 'builder',
    OVERSTORY_TASK_ID: 'task-1',
    OVERSTORY_WORKTREE_PATH: worktree,
    OVERSTORY_PROJECT_ROOT: project,
    OVERSTORY_SPEC_PATH: specPath,
    OVERSTORY_PARENT: 'lead-1',
    OVERSTORY_DEPTH: '2',
    OVERSTORY_REHEARSAL_PACE: '0',
  };

  const start: Stage['start'] = (texts, options = {}) => {
    const resume = options.resume === undefined ? [] : ['--resume', options.resume];
    const args = ['--disable-warning=ExperimentalWarning', ENTRY, ...FLAGS.split(' '), ...resume];
    const child = spawn(process.execPath, [...args, ...(options.flags ?? [])], {
      cwd: worktree,
      env: { ...environment, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const done = new Promise<Finished>((finish) => {
      const chunks: Buffer[] = [];
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        stderr += chunk;
      });
      child.stdin.on('error', () => undefined);
      child.on('close', (code, signal) => {
        const stdout = Buffer.concat(chunks).toString('utf8');
        const lines = stdout.split('\n').flatMap((line) => parseLine(line));
        const result = lines.findLast((line) => line.type === 'result');
        finish({ code, signal, stdout, stderr, lines, result });
      });
    });
    child.stdin.end(options.input ?? texts.map(userTurn).join(''));
    return { child, done };
  };

  const spec = (text: string) => writeFile(specPath, text);
  return {
    root: project,
    worktree,
    spec,
    script: (yaml) => spec(`# Task\n\n\`\`\`rehearsal\n${yaml}\n\`\`\`\n`),
    start,
    turn: (text, options) => start([text], options).done,
    async calls() {
      const state = JSON.parse(await readFile(join(bin, 'state.json'), 'utf8')) as { readonly calls: string[][] };
      return state.calls.filter((call) => call[1] !== 'list' && call[0] !== 'agents');
    },
    answer: (word, reply) => writeFile(join(bin, `${word}.json`), JSON.stringify(reply)),
    async sessions() {
      const names = await readdir(join(project, '.overstory', 'rehearsal'));
      return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
    },
    git: async (...args) => (await run('git', args, { cwd: worktree })).stdout,
    read: (path) => readFile(join(worktree, path), 'utf8'),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

function parseLine(line: string): Line[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as Line];
  } catch {
    // A script may ask for broken lines.
    return [];
  }
}

function userTurn(text: string): string {
  return `${JSON.stringify({ type: 'user', message: { role: 'user', content: [{ type: 'text', text }] } })}\n`;
}

/** A mail as the engine delivers it. */
export function mailText(mail: {
  readonly id: string;
  readonly from?: string;
  readonly subject?: string;
  readonly type?: string;
  readonly thread?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly body?: string;
}): string {
  return [
    `[MAIL] From: ${mail.from ?? 'lead-1'} | Subject: ${mail.subject ?? 'hello'} | Priority: normal`,
    `[META] Id: ${mail.id} | Type: ${mail.type ?? 'status'} | Thread: ${mail.thread ?? 'none'}`,
    ...(mail.payload === undefined ? [] : [`[PAYLOAD] ${JSON.stringify(mail.payload)}`]),
    '',
    mail.body ?? 'body',
  ].join('\n');
}

/** Text of every assistant message. */
export function texts(finished: Finished): string[] {
  return blocks(finished, 'assistant').flatMap((block) => (block.type === 'text' ? [String(block.text)] : []));
}

/** Tool calls as name and input. */
export function tools(finished: Finished): { readonly name: string; readonly input: Line }[] {
  return blocks(finished, 'assistant').flatMap((block) =>
    block.type === 'tool_use' ? [{ name: String(block.name), input: block.input as Line }] : [],
  );
}

/** Outputs of tools. */
export function toolResults(finished: Finished): { readonly content: string; readonly isError: boolean }[] {
  return blocks(finished, 'user').map((block) => ({
    content: String(block.content),
    isError: block.is_error === true,
  }));
}

function blocks(finished: Finished, type: string): Line[] {
  return finished.lines
    .filter((line) => line.type === type)
    .flatMap((line) => (line.message as { readonly content: readonly Line[] }).content);
}
