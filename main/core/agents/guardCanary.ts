import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { GuardState } from '../../../contract/runtimes.ts';
import { PRODUCT_VERSION } from '../../../contract/version.ts';
import { type Clock, timestamp } from '../../platform/clock.ts';
import type { ControlStore } from '../control/controlStore.ts';
import type { Log } from '../engineLog.ts';
import type { RuntimeAdapter } from '../runtimes/adapter.ts';
import { errorLine } from '../util/files.ts';
import {
  CANARY_CALLS,
  type CanaryAnswer,
  type CanaryCall,
  CanaryResult,
  guardState,
  hookCommands,
  judgeCanary,
} from './guardCanaryRules.ts';

/** Milliseconds a canary call gets; a loaded machine starts slowly, and claude itself waits 30 s. */
const ANSWER_WITHIN_MS = 30_000;
/** Setting of control-room.db with the results by runtime. */
export const CANARY_SETTING = 'guardCanary';

/** The launch a canary call is made for. */
export interface CanaryLaunch {
  readonly adapter: RuntimeAdapter;
  readonly settingsFile: string | null;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface GuardCanaryOptions {
  readonly control: Pick<ControlStore, 'getSetting' | 'putSetting'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Tries, before the first turn of each version of a runtime, whether the guard is really asked and answers. */
export interface GuardCanary {
  /** What is known after making sure of it; waits for the calls when they have not been made yet. */
  check(launch: CanaryLaunch): Promise<GuardState>;
  /** What is known without asking anything. @param version absent: whatever version was tried last. */
  state(adapter: RuntimeAdapter, version?: string | null): GuardState;
}

export function createGuardCanary(options: GuardCanaryOptions): GuardCanary {
  /** Checked by this engine, or being checked. A guard that did not hold is tried again. */
  const checks = new Map<string, Promise<GuardState>>();

  async function check(launch: CanaryLaunch): Promise<GuardState> {
    const { adapter } = launch;
    const version = (await adapter.probe(options.environment)).version;
    const known = guardState(
      adapter.features,
      version,
      PRODUCT_VERSION,
      readResults(options.control)[adapter.id] ?? null,
    );
    if (known.verified === true) return known;
    const answers = await callGuard(launch);
    const { holds, detail } = judgeCanary(answers);
    const result = { version, product: PRODUCT_VERSION, holds, detail, checkedAt: timestamp(options.clock.now()) };
    options.control.putSetting(CANARY_SETTING, { ...readResults(options.control), [adapter.id]: result });
    options.log(holds ? 'info' : 'error', `canary call of ${adapter.id}`, { version: version ?? '', detail });
    return guardState(adapter.features, version, PRODUCT_VERSION, result);
  }

  return {
    async check(launch) {
      const { id, features } = launch.adapter;
      if (features.guards === 'absent') return guardState(features, null, PRODUCT_VERSION, null);
      // An agent of the original overstory was launched without guards of ours; there is nothing to try.
      if (launch.settingsFile === null) return { level: 'absent', verified: null, note: 'launched without guards' };
      const checking = checks.get(id) ?? check(launch);
      checks.set(id, checking);
      const state = await checking;
      if (state.verified !== true && checks.get(id) === checking) checks.delete(id);
      return state;
    },
    state(adapter, version) {
      const result = readResults(options.control)[adapter.id] ?? null;
      return guardState(
        adapter.features,
        version === undefined ? (result?.version ?? null) : version,
        PRODUCT_VERSION,
        result,
      );
    },
  };
}

/** Results as stored; unreadable ones count as none, so that the calls are made again. */
export function readResults(control: Pick<ControlStore, 'getSetting'>): Readonly<Record<string, CanaryResult>> {
  const parsed = z.record(z.string(), CanaryResult).safeParse(control.getSetting(CANARY_SETTING));
  return parsed.success ? parsed.data : {};
}

/** Runs the hook's command as the runtime would: in the agent's folder, with its environment, the call on standard input. */
async function callGuard(launch: CanaryLaunch): Promise<readonly CanaryAnswer[]> {
  let settings: string;
  try {
    settings = await readFile(launch.settingsFile ?? '', 'utf8');
  } catch (error) {
    const call = CANARY_CALLS[0] ?? { command: '', refused: true };
    return [{ call, code: null, stdout: '', stderr: errorLine(error) }];
  }
  const calls = hookCommands(settings).flatMap((command) => CANARY_CALLS.map((call) => ({ command, call })));
  return Promise.all(calls.map(({ command, call }) => answerTo(command, call, launch)));
}

function answerTo(command: string, call: CanaryCall, launch: CanaryLaunch): Promise<CanaryAnswer> {
  return new Promise((resolve) => {
    const child = spawn(command, { cwd: launch.cwd, env: { ...launch.env }, shell: true, stdio: 'pipe' });
    const texts = { stdout: '', stderr: '' };
    const end = (code: number | null): void => {
      clearTimeout(timer);
      resolve({ call, code, ...texts });
    };
    const timer = setTimeout(() => child.kill('SIGKILL'), ANSWER_WITHIN_MS);
    child.stdout.on('data', (bytes: Buffer) => {
      texts.stdout += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      texts.stderr += bytes.toString();
    });
    child.once('error', (error) => {
      texts.stderr += errorLine(error);
      end(null);
    });
    child.once('close', end);
    // A command that ends without reading closes its input; its exit code tells.
    child.stdin.on('error', () => undefined);
    const input = { hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command: call.command } };
    child.stdin.end(JSON.stringify({ ...input, cwd: launch.cwd }));
  });
}
