import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type BridgeUsage, type LineWriter, lines } from './lines.ts';

/** Bytes of one argument on Linux, less a margin for what surrounds the text (MAX_ARG_STRLEN is 128 KiB). */
const LONGEST_ARGUMENT = 120 * 1024;
/** Milliseconds words are joined before they become one line of the log. */
const JOIN_MS = 200;
/** Characters of joined words. */
const JOIN_CHARACTERS = 4_096;
/** Characters of the last words kept for the result. */
const KEPT_CHARACTERS = 8_192;

/** Puts the JSON lines of one CLI into claude's form, and knows at the end what they add up to. */
export interface Translator {
  push(entry: Readonly<Record<string, unknown>>): readonly object[];
  end(): {
    readonly sessionId: string | null;
    /** Why the turn failed although the process ended well; null when it did not. */
    readonly failure: string | null;
    readonly status: number | null;
    readonly usage: BridgeUsage | null;
    /** US dollars; null when nobody said. */
    readonly costUsd: number | null;
    /** The last words, for the result. */
    readonly text: string;
  };
}

export interface CommandTurn {
  readonly command: readonly string[];
  /** Part of an argument that stands for the turn's text. */
  readonly place: string;
  readonly prompt: string;
  readonly output: 'text' | 'json';
  /** For JSON lines whose meaning is known; null hands them on as they are. */
  readonly translator: Translator | null;
  readonly writer: LineWriter;
  readonly signal: AbortSignal;
}

/**
 * Runs a one-shot command for a turn: its words become messages, its exit code decides success (spec 01 §3.5), and
 * so does a translator that knows its lines. Standard error goes to the agent's terminal too. @returns the exit code for this process.
 */
export async function runCommandTurn(turn: CommandTurn): Promise<number> {
  const started = performance.now();
  const large = Buffer.byteLength(turn.prompt) > LONGEST_ARGUMENT;
  const folder = large ? await mkdtemp(join(tmpdir(), 'overstory-turn-')) : null;
  try {
    const text = folder === null ? turn.prompt : await promptInFile(folder, turn.prompt);
    const [program = '', ...rest] = turn.command.map((part) => part.replaceAll(turn.place, () => text));
    const end = await run(program, rest, turn);
    const told = turn.translator?.end() ?? null;
    const failed = end.code !== 0 || told?.failure != null;
    const said = [told?.failure ?? '', end.words, end.complaint].find((words) => words.trim() !== '');
    const reason = end.error ?? said ?? `${program} ended with ${end.code ?? end.signal}`;
    turn.writer.write(
      lines.result({
        sessionId: told?.sessionId ?? null,
        isError: failed,
        text: failed ? reason : (told?.text ?? end.words),
        errors: failed ? [reason] : [],
        durationMs: Math.round(performance.now() - started),
        numTurns: failed && (end.error !== null || told?.sessionId === null) ? 0 : 1,
        usage: told?.usage ?? null,
        costUsd: told?.costUsd ?? null,
        status: told?.status ?? null,
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
  /** The end of what it wrote to standard error. */
  readonly complaint: string;
}

function run(program: string, args: readonly string[], turn: CommandTurn): Promise<Ended> {
  return new Promise((resolve) => {
    // In this process's group: whoever ends the turn's group ends the command too.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (bytes: Buffer) => {
      process.stderr.write(bytes);
      complaint = `${complaint}${bytes.toString()}`.slice(-KEPT_CHARACTERS);
    });
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
      if (turn.translator === null) turn.writer.write(lines.foreign(entry));
      else for (const each of turn.translator.push(entry)) turn.writer.write(each);
    });
    const read = Promise.all([once(reader, 'close'), once(child.stderr, 'close')]);
    const end = (ended: Omit<Ended, 'words' | 'complaint'>): void => {
      turn.signal.removeEventListener('abort', stop);
      flush();
      resolve({ ...ended, words: words.trim(), complaint: complaint.trim() });
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

function objectIn(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line);
  } catch {
    // Words that begin like an object: shown as words.
    return null;
  }
}
