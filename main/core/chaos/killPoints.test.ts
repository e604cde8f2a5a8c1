import { existsSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextLook } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processStartTime } from '../../platform/processes.ts';
import { findPtyHost } from '../../pty-host/client.ts';
import { must } from '../db/testing/folder.ts';
import { findLiveEngine } from '../lease/engineInfo.ts';
import { type MailStore, openMail } from '../mail/mailStore.ts';
import { topicUntil } from '../testEngine.ts';
import { openTurns, type TurnStore } from '../turns/turnStore.ts';
import { type ChaosProject, createChaosProject, specOf, until } from './chaosProject.ts';
import { verifyMail, verifyTurns } from './verifyRun.ts';

let project: ChaosProject;
let mail: MailStore;
let turns: TurnStore;
beforeEach(async () => {
  project = await createChaosProject();
  mail = must(openMail(state('mail.db')));
  turns = must(openTurns(state('events.db')));
});
afterEach(async () => {
  mail.close();
  turns.close();
  await project.dispose();
});

const state = (...path: string[]): string => join(project.root, '.overstory', ...path);

/** Waits inside a tool of its own process group until `.overstory/go` is there; each start of the tool leaves its pid. */
const WAITING_AGENT = `start:
  - append: { path: steps.txt, content: "before\\n" }
  - run: echo $$ >> {{root}}/.overstory/tool.pids; until [ -e {{root}}/.overstory/go ]; do sleep 0.05; done
  - append: { path: steps.txt, content: "after\\n" }
  - commit: Both halves
  - taskDone: done`;

async function slingWaiting(...flags: string[]): Promise<void> {
  await writeFile(state('specs', 'T-1.md'), specOf(WAITING_AGENT));
  const slung = await project.ov(['sling', 'T-1', '--name', 'worker', ...flags]);
  expect(`${slung.code} ${slung.stdout}`).toContain('0 worker starts on T-1 (branch overstory/worker/T-1)\n');
}

/** Pids of the tool, in order of its starts, once there are `count` of them. */
async function toolStarts(count: number): Promise<number[]> {
  return until(
    async () => {
      const pids = (await readFile(state('tool.pids'), 'utf8').catch(() => '')).trim().split('\n').map(Number);
      return pids.length >= count && pids.every((pid) => pid > 0) ? pids : null;
    },
    `the agent did not get to its tool ${count} times`,
    120_000,
  );
}

/** A zombie counts as gone: nothing of it runs. */
const isGone = async (pid: number): Promise<boolean> => (await processStartTime(pid)) === null;

async function expectFinished(): Promise<void> {
  await writeFile(state('go'), '');
  const client = await project.client();
  await topicUntil(client, 'agents', (agents) => agents.byId.worker?.state === 'completed');
  expect(await project.git('show', 'overstory/worker/T-1:steps.txt')).toBe('before\nafter\n');
  await verifyTurns(project.root);
}

/** The agent's process and everything below it, killed at once. */
async function killAgentTree(): Promise<void> {
  const leader = Number(await readFile(state('agents', 'worker', 'turn.pid'), 'utf8'));
  const pids = [leader];
  for (const pid of pids) {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    pids.push(...children.trim().split(' ').filter(Boolean).map(Number));
  }
  // From the top, so that nobody is left to notice the end of what it started.
  for (const pid of pids) kill(pid, 'SIGKILL');
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // A `sleep` of the tool ends by itself twenty times a second.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

describe('processes killed at chosen moments', { timeout: 600_000 }, () => {
  it.each([
    { also: 'the engine goes on', killsEngine: false },
    { also: 'the engine is killed with it', killsEngine: true },
  ])(
    'the pty host killed in mid-turn ($also): no tool is left, the turn is told as it was, the agent resumes',
    async ({ killsEngine }) => {
      await project.startEngine();
      await slingWaiting();
      const [tool = 0] = await toolStarts(1);
      const host = await findPtyHost(project.root);
      expect(host).not.toBeNull();
      if (killsEngine) await project.killEngine();
      process.kill(host?.pid ?? 0, 'SIGKILL');
      if (killsEngine) await project.startEngine();

      await toolStarts(2);
      expect(await isGone(tool), 'the first attempt’s tool does not work beside the second’s').toBe(true);
      const next = await findPtyHost(project.root);
      expect(next?.pid).not.toBe(host?.pid);
      const [second, first] = turns.listByAgent('worker', 10);
      expect(first).toMatchObject({
        ...{ number: 1, state: 'ended', outcome: 'retry', exitCode: null, signal: null },
        reason: 'process is gone and left no exit record',
      });
      expect(first?.conversationId).not.toBeNull();
      expect(second).toMatchObject({ number: 2, state: 'running', resumeId: first?.conversationId });
      await expectFinished();
      expect(verifyMail(project.root, [])).toBe(2);
    },
  );

  it('the agent’s process tree killed in mid-turn: resumed by its session id, dead after its last attempt, brought back by a retry', async () => {
    await appendFile(state('config.local.yaml'), 'controlRoom:\n  maxTurnAttempts: 2\n');
    await project.startEngine();
    await slingWaiting('--parent', 'boss');
    const client = await project.client();
    await toolStarts(1);
    await killAgentTree();
    await toolStarts(2);
    const [second, first] = turns.listByAgent('worker', 10);
    expect(first).toMatchObject({ outcome: 'retry', signal: 9, exitCode: null, reason: 'process ended by signal 9' });
    expect(second).toMatchObject({ state: 'running', resumeId: first?.conversationId });

    await killAgentTree();
    const dead = await topicUntil(client, 'agents', (agents) => agents.byId.worker?.state === 'zombie');
    expect(dead.byId.worker).toMatchObject({
      status: 'dead',
      reason: 'process ended by signal 9; gave up after 2 attempts',
    });
    expect(mail.getAll({ to: 'boss' })).toMatchObject([{ type: 'worker_died', from: 'worker', priority: 'high' }]);
    expect(mail.getAll({ to: 'worker' })).toMatchObject([{ type: 'dispatch', delivery: { state: 'dead' } }]);

    expect(await project.ov(['retry', 'worker'])).toEqual({ code: 0, stdout: 'worker tries again\n', stderr: '' });
    await toolStarts(3);
    expect(turns.latestForAgent('worker')).toMatchObject({ number: 3, resumeId: first?.conversationId });
    await expectFinished();
    expect(mail.getAll({ to: 'boss' }).map((message) => message.type)).toEqual(['worker_done', 'worker_died']);
  });

  it('the engine killed between claim, launch, end and settlement, ten times: each mail is worked on once', async () => {
    await writeFile(
      state('specs', 'T-1.md'),
      specOf(
        'start:\n  - say: I rest.\non:\n  any:\n    - append: { path: got.txt, content: "{{mail.subject}}\\n" }\n    - say: "{{mail.subject}}"',
      ),
    );
    await project.startEngine();
    await (await project.client()).call('agents.sling', { taskId: 'T-1', name: 'echo' });
    const isIdle = (): boolean => turns.running().length === 0 && mail.getUnread('echo').length === 0;
    await until(async () => turns.latestForAgent('echo')?.state === 'ended' && isIdle(), 'the agent does not rest');

    /** What the stores and files say at the moment the engine is to be killed. */
    const points: Readonly<Record<string, (subject: string) => boolean>> = {
      'claimed, the turn not stored': () => mail.injectedTurnIds().some((turnId) => turns.get(turnId) === null),
      'the turn stored, its process not started': () =>
        turns.running().some((turn) => !existsSync(join(turn.logDirectory, 'stdout.ndjson'))),
      'its process ended, the turn not settled': () =>
        turns.running().some((turn) => existsSync(join(turn.logDirectory, 'exit.json'))),
      'its mail settled, the turn not': (subject) =>
        turns.running().length > 0 &&
        mail.getAll({ to: 'echo', limit: 1 }).some((one) => one.subject === subject && one.read),
    };
    const sent: string[] = [];
    const hits = new Map<string, number>();
    const rounds = [...Object.keys(points), ...Object.keys(points), ...Object.keys(points)].slice(0, 10);
    for (const name of rounds) {
      const isThere = points[name] ?? (() => false);
      for (let attempt = 1; ; attempt += 1) {
        if (attempt > 25) throw new Error(`"${name}" was never met`);
        const subject = `mail ${sent.length + 1}`;
        sent.push(subject);
        // A long body: writing it down takes the engine a moment.
        must(mail.insert({ from: 'tester', to: 'echo', subject, body: 'x'.repeat(150_000), type: 'status' }));
        const engine = await findLiveEngine(project.root);
        if (
          engine !== null &&
          (await killAt(
            engine.pid,
            () => isThere(subject),
            () => isIdle(),
          ))
        ) {
          hits.set(name, (hits.get(name) ?? 0) + 1);
          break;
        }
      }
      await project.startEngine();
      await until(async () => isIdle(), `mail is left over after "${name}"`);
    }
    expect([...hits.values()].reduce((sum, count) => sum + count, 0)).toBe(10);

    const client = await project.client();
    const agents = await topicUntil(
      client,
      'agents',
      (view) => view.byId.echo?.state === 'between_turns' && view.byId.echo.turn === null,
    );
    const got = await readFile(join(agents.byId.echo?.worktree ?? '', 'got.txt'), 'utf8');
    expect(got.trim().split('\n')).toEqual(sent);
    await verifyTurns(project.root);
    expect(verifyMail(project.root, sent)).toBe(sent.length + 1);
  });
});

/**
 * Kills a process at the moment `isThere` holds: it is stopped first, and killed only if the moment has not passed
 * meanwhile. False when `isOver` holds before that.
 */
async function killAt(pid: number, isThere: () => boolean, isOver: () => boolean): Promise<boolean> {
  for (;;) {
    if (isThere()) {
      process.kill(pid, 'SIGSTOP');
      await until(async () => (await processState(pid)) === 'T', 'the engine does not stop');
      if (isThere()) {
        process.kill(pid, 'SIGKILL');
        await until(() => isGone(pid), 'the engine does not die');
        return true;
      }
      process.kill(pid, 'SIGCONT');
    }
    if (isOver()) return false;
    await nextLook();
  }
}

/** Letter of the kernel for what a process does; `T` is stopped. */
async function processState(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}
