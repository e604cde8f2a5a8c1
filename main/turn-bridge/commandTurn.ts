import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type LineWriter, lines } from './lines.ts';

/** Bytes of one argument on Linux, less a margin for what surrounds the text (MAX_ARG_STRLEN is 128 KiB). */
const LONGEST_ARGUMENT = 120 * 1024;
/** Milliseconds words are joined before they become one line of the log. */
const JOIN_MS = 200;
/** Characters of joined words. */
const JOIN_CHARACTERS = 4_096;
/** Characters of the last words kept for the result. */
const KEPT_CHARACTERS = 8_192;

export interface CommandTurn {
  readonly command: readonly string[];
  /** Part of an argument that stands for the turn's text. */
  readonly place: string;
  readonly prompt: string;
  readonly output: 'text' | 'json';
  readonly writer: LineWriter;
  readonly signal: AbortSignal;
}

/**
 * Runs a one-shot command for a turn: its words become messages, its exit code decides success (spec 01 §3.5). Standard
 * error stays on the agent's terminal. @returns the exit code for this process.
 */
export async function runCommandTurn(turn: CommandTurn): Promise<number> {
  const started = performance.now();
  const large = Buffer.byteLength(turn.prompt) > LONGEST_ARGUMENT;
  const folder = large ? await mkdtemp(join(tmpdir(), 'overstory-turn-')) : null;
  try {
    const text = folder === null ? turn.prompt : await promptInFile(folder, turn.prompt);
    const [program = '', ...rest] = turn.command.map((part) => part.replaceAll(turn.place, () => text));
    const end = await run(program, rest, turn);
    const failed = end.code !== 0;
    const reason =
      end.error ?? (end.words.trim() === '' ? `${program} ended with ${end.code ?? end.signal}` : end.words);
    turn.writer.write(
      lines.result({
        sessionId: null,
        isError: failed,
        text: failed ? reason : end.words,
        errors: failed ? [reason] : [],
        durationMs: Math.round(performance.now() - started),
        numTurns: failed && end.error !== null ? 0 : 1,
        usage: null,
        costUsd: null,
      }),
    );
    return failed ? (end.code ?? 1) || 1 : 0;
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

async function promptInFile(folder: string, prompt: string): Promise<string> {
  const path = join(folder, 'turn.md');
  await writeFile(path, prompt, { mode: 0o600 });
  return `Your message for this turn is too long for a command line. Read the whole file ${path} first, then do what it says.`;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started. */
  readonly error: string | null;
  readonly words: string;
}

function run(program: string, args: readonly string[], turn: CommandTurn): Promise<Ended> {
  return new Promise((resolve) => {
    // In this process's group: whoever ends the turn's group ends the command too.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const stop = (): void => void child.kill('SIGINT');
    turn.signal.addEventListener('abort', stop, { once: true });
    let words = '';
    let waiting = '';
    let timer: NodeJS.Timeout | null = null;
    const flush = (): void => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      const text = waiting.trim();
      waiting = '';
      if (text !== '') turn.writer.write(lines.text(text));
    };
    const say = (line: string): void => {
      words = `${words}${line}\n`.slice(-KEPT_CHARACTERS);
      waiting += `${line}\n`;
      if (waiting.length >= JOIN_CHARACTERS) flush();
      else timer ??= setTimeout(flush, JOIN_MS);
    };
    const reader = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
    reader.on('line', (line) => {
      const entry = turn.output === 'json' ? objectIn(line) : null;
      if (entry === null) return say(line);
      flush();
      turn.writer.write(lines.foreign(entry));
    });
    const read = new Promise<void>((done) => reader.once('close', done));
    const end = (ended: Omit<Ended, 'words'>): void => {
      turn.signal.removeEventListener('abort', stop);
      flush();
      resolve({ ...ended, words: words.trim() });
    };
    child.once('error', (error: NodeJS.ErrnoException) =>
      end({
        code: 127,
        signal: null,
        error:
          error.code === 'ENOENT'
            ? `${program}: command not found; install it or choose another runtime`
            : error.message,
      }),
    );
    child.once('exit', (code, signal) => void read.then(() => end({ code, signal, error: null })));
  });
}

function objectIn(line: string): unknown {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line);
  } catch {
    // Words that begin like an object: shown as words.
    return null;
  }
}
