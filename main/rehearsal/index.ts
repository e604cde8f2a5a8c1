#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { preparedAnswer } from './answers.ts';
import { type Flags, isUuid, parseFlags } from './flags.ts';
import { currentBranch } from './gitSteps.ts';
import { converse } from './interactive.ts';
import { createOutput } from './output.ts';
import { loadSession, newSession, type Session } from './session.ts';
import { performTurn, type TurnSetting } from './turn.ts';

/** Exit codes of claude for the signals that end it (real-agents.md §5 "Kill"). */
const SIGTERM_CODE = 143;
const SIGHUP_CODE = 129;

const interrupt = new AbortController();
let turnRunning = false;

process.on('SIGINT', () => {
  // Between turns there is nothing to report.
  if (!turnRunning) process.exit(0);
  interrupt.abort();
});
process.on('SIGTERM', () => process.exit(SIGTERM_CODE));
process.on('SIGHUP', () => process.exit(SIGHUP_CODE));
// A reader that went away does not stop the work: the turn is done to its end, as claude does.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.exit(await main(process.argv.slice(2), process.env));

async function main(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  // The print command.
  if (argv[0] === 'answer') return answer(argv.slice(1));
  const flags = parseFlags(argv);
  if (!flags.ok) return complain(flags.error.message);
  if (flags.value.version) {
    await writeLine(`${PRODUCT_VERSION} (rehearsal)`);
    return 0;
  }
  if (flags.value.interactive && !process.stdin.isTTY)
    return complain('Error: standard input is no terminal; start a turn without one with -p');
  const identity = await readIdentity(environment);
  const session = await openSession(flags.value, identity.projectRoot);
  if (session === null) return 1;

  const setting = {
    identity,
    specPath: nonEmpty(environment.OVERSTORY_SPEC_PATH),
    pace: readPace(environment.OVERSTORY_REHEARSAL_PACE),
    permissionMode: flags.value.permissionMode,
    settingsFile: flags.value.settingsFile,
    die,
  };
  if (flags.value.interactive) return converse(session, { ...setting, input: process.stdin, output: process.stdout });
  const output = createOutput(session.id, session.characters, writeLine);
  let code = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const text = userText(line);
    if (text === 'unreadable') return complain(`Error parsing streaming input line: ${line.slice(0, 200)}`);
    if (text === null) continue;
    turnRunning = true;
    const end = await performTurn(text.value, session, { ...setting, output, signal: interrupt.signal });
    await output.result(end);
    turnRunning = false;
    // An interrupted turn ends with 0 although its result is an error.
    if (end.kind === 'interrupted') return 0;
    code = end.kind === 'failed' ? 1 : 0;
  }
  return code;
}

/**
 * `answer [--script <file>] <text> <question>`: the print command. A rehearsal has no opinion; what it answers is given,
 * by the file's first answer that fits the question, else by the text.
 */
async function answer(argv: readonly string[]): Promise<number> {
  const [script, rest] = argv[0] === '--script' ? [argv[1] ?? '', argv.slice(2)] : [null, argv];
  const [text = '', question = ''] = rest;
  const prepared = script === null ? null : await preparedAnswer(script, question);
  if (prepared?.ok === false) return complain(prepared.error.message);
  const found = prepared?.value ?? null;
  if (found === null) {
    await writeLine(text);
    return 0;
  }
  if (found.sleep > 0) await new Promise((resolve) => setTimeout(resolve, found.sleep));
  await new Promise<void>((done) => process.stdout.write(found.answer, () => done()));
  return found.exit;
}

/** The conversation to work on; null when that failed and the answer is already written. */
async function openSession(flags: Flags, projectRoot: string): Promise<Session | null> {
  if (flags.resume !== null) {
    const fresh = isUuid(flags.resume) ? flags.resume : randomUUID();
    const loaded = isUuid(flags.resume)
      ? await loadSession(projectRoot, flags.resume)
      : { ok: false as const, error: { message: `--resume requires a valid session ID, got "${flags.resume}"` } };
    if (loaded.ok) return loaded.value;
    await createOutput(fresh, 0, writeLine).notFound(loaded.error.message);
    await complain(loaded.error.message);
    return null;
  }
  const id = flags.sessionId ?? randomUUID();
  if (flags.sessionId !== null && (await loadSession(projectRoot, id)).ok) {
    await complain(`Error: Session ID ${id} is already in use.`);
    return null;
  }
  return newSession(id);
}

async function readIdentity(environment: NodeJS.ProcessEnv): Promise<TurnSetting['identity']> {
  const worktree = resolve(nonEmpty(environment.OVERSTORY_WORKTREE_PATH) ?? process.cwd());
  return {
    agent: nonEmpty(environment.OVERSTORY_AGENT_NAME) ?? 'rehearsal',
    task: nonEmpty(environment.OVERSTORY_TASK_ID) ?? '',
    capability: nonEmpty(environment.OVERSTORY_CAPABILITY) ?? 'builder',
    projectRoot: resolve(nonEmpty(environment.OVERSTORY_PROJECT_ROOT) ?? worktree),
    worktree,
    branch: await currentBranch(worktree, interrupt.signal),
    parent: nonEmpty(environment.OVERSTORY_PARENT),
    depth: readDepth(environment.OVERSTORY_DEPTH),
  };
}

/** Text of a user-turn line; null for lines of another type, which are ignored as claude does. */
function userText(line: string): { readonly value: string } | null | 'unreadable' {
  if (line.trim() === '') return null;
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    // Told to the caller in claude's words.
    return 'unreadable';
  }
  const turn = entry as { readonly type?: unknown; readonly message?: { readonly content?: unknown } | null } | null;
  if (turn?.type !== 'user') return null;
  const content = turn.message?.content;
  if (typeof content === 'string') return { value: content };
  const blocks: readonly unknown[] = Array.isArray(content) ? content : [];
  const texts = blocks.map((block) => (block as { readonly text?: unknown } | null)?.text);
  return { value: texts.filter((text) => typeof text === 'string').join('\n') };
}

async function die(code: number, signal: NodeJS.Signals | null): Promise<never> {
  if (signal === null) process.exit(code);
  // SIGTERM and SIGHUP meet the handlers above and so end with claude's exit codes; SIGKILL ends at once.
  process.kill(process.pid, signal);
  return new Promise<never>(() => setInterval(() => undefined, 60_000));
}

/** Writes a line and waits until it has left this process, so that a crash loses none. */
function writeLine(line: string): Promise<void> {
  return new Promise((done) => process.stdout.write(`${line}\n`, () => done()));
}

function complain(message: string): Promise<number> {
  return new Promise((done) => process.stderr.write(`${message}\n`, () => done(1)));
}

function readDepth(text: string | undefined): number | null {
  const depth = Number(text === '' ? undefined : text);
  return Number.isInteger(depth) && depth >= 0 ? depth : null;
}

function readPace(text: string | undefined): number {
  const pace = Number(text ?? 1);
  return Number.isFinite(pace) && pace >= 0 ? pace : 1;
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
