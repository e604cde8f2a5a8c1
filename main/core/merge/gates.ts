import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { finished } from 'node:stream/promises';
import { GATE_TAIL_CHARACTERS, type MergeHold, type MergeTier } from '../../../contract/merges.ts';
import { neutralise } from '../../platform/neutralText.ts';
import type { QualityGate } from '../config/schema.ts';
import type { MergeObserver } from './mergeTrace.ts';

/** Bytes of one gate's output that are kept; a gate in a loop must not fill the disk. */
const LOG_BYTES = 16 * 1024 * 1024;
/** Milliseconds between the request to end and the kill. */
const KILL_AFTER_MS = 5_000;

export type GateFailure = NonNullable<MergeHold['gate']>;

/** How the gates went. */
export type GateOutcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly failure: GateFailure }
  | { readonly kind: 'cancelled' };

export interface GateRun {
  readonly gates: readonly QualityGate[];
  /** The merge worktree, holding the merged commit. */
  readonly folder: string;
  readonly projectRoot: string;
  /** Where each gate's output is written. */
  readonly logFolder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds one gate may take. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly observe: MergeObserver;
  /** Tier the merged commit came from. */
  readonly tier: MergeTier;
}

/** Runs the gates one after the other; the first that fails ends it. Everything a gate started ends with it. */
export async function runGates(run: GateRun): Promise<GateOutcome> {
  await mkdir(run.logFolder, { recursive: true });
  for (const [index, gate] of run.gates.entries()) {
    const name = `${index + 1}-${gate.name.replace(/[^\w-]+/g, '-').slice(0, 40)}.log`;
    const log = join(run.logFolder, name);
    run.observe.stage('checking', run.tier, gate.name);
    const outcome = await runGate(gate, log, run);
    const failure = outcome.kind === 'failed' ? outcome.failure : null;
    run.observe.step({
      kind: 'gate',
      name: gate.name,
      command: gate.command,
      outcome: failure?.timedOut === true ? 'timedOut' : outcome.kind,
      exitCode: outcome.kind === 'passed' ? 0 : (failure?.exitCode ?? null),
      log: relative(run.projectRoot, log),
    });
    if (outcome.kind !== 'passed') return outcome;
  }
  return { kind: 'passed' };
}

async function runGate(gate: QualityGate, logPath: string, run: GateRun): Promise<GateOutcome> {
  if (run.signal.aborted) return { kind: 'cancelled' };
  const log = createWriteStream(logPath);
  const child = spawn(gate.command, {
    shell: true,
    cwd: run.folder,
    env: run.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that its end is the end of whatever it started.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  let written = 0;
  let tail = '';
  const keep = (chunk: Buffer): void => {
    if (written < LOG_BYTES) log.write(chunk.subarray(0, LOG_BYTES - written));
    written += chunk.length;
    tail = (tail + chunk.toString('utf8')).slice(-2 * GATE_TAIL_CHARACTERS);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let stopped: 'timeout' | 'cancelled' | null = null;
  let killTimer: NodeJS.Timeout | null = null;
  const stop = (why: 'timeout' | 'cancelled'): void => {
    stopped ??= why;
    signalGroup(child, 'SIGTERM');
    killTimer ??= setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_AFTER_MS);
  };
  const timer = setTimeout(() => stop('timeout'), run.timeoutMs);
  const onAbort = (): void => stop('cancelled');
  run.signal.addEventListener('abort', onAbort, { once: true });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      keep(Buffer.from(`${error.message}\n`));
      resolve(127);
    });
    child.once('exit', (exitCode) => resolve(exitCode));
  });
  clearTimeout(timer);
  if (killTimer !== null) clearTimeout(killTimer);
  run.signal.removeEventListener('abort', onAbort);
  // What it left in the background holds the pipes and the merge worktree.
  signalGroup(child, 'SIGKILL');
  child.stdout.destroy();
  child.stderr.destroy();
  log.end();
  await finished(log);
  if (stopped === 'cancelled') return { kind: 'cancelled' };
  if (code === 0 && stopped === null) return { kind: 'passed' };
  return {
    kind: 'failed',
    failure: {
      name: gate.name,
      command: gate.command,
      exitCode: code,
      timedOut: stopped === 'timeout',
      log: relative(run.projectRoot, logPath),
      tail: neutralise(tail).slice(-GATE_TAIL_CHARACTERS),
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left: what was to be ended is.
  }
}

/** One line for a person about the gate that failed. */
export function gateReason(failure: GateFailure, minutes: number): string {
  const how = failure.timedOut
    ? `did not end within ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`
    : `failed${failure.exitCode === null ? '' : ` with ${failure.exitCode}`}`;
  return `the check "${failure.name}" (${failure.command}) ${how} on the merged files; read ${failure.log}, mend the branch and merge again`;
}
