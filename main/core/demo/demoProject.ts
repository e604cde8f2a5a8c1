import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { systemClock } from '../../platform/clock.ts';
import { userFolder } from '../../platform/userFolder.ts';
import { initProject } from '../config/init.ts';
import { createGit } from '../git/git.ts';
import { ensureBackgroundEngine } from '../lease/backgroundEngine.ts';
import { connectToEngine } from '../lease/engineClient.ts';
import { errorLine } from '../util/files.ts';
import { readSampleFiles, readSpecText } from './demoFiles.ts';
import { BACKLOG, COORDINATOR_SPEC, OBJECTIVE, OTHER_SPECS, TASKS } from './demoTasks.ts';

/** Name of the sample project. */
export const DEMO_NAME = 'billing-service';

/** Where rehearsal projects that a person asks for in the room are made. */
export function demosFolder(): string {
  return join(userFolder(), 'rehearsals');
}

/** Writes the sample repository into an empty folder: a small TypeScript project with tests, set up for rehearsals. */
export async function writeDemoProject(root: string): Promise<Result<null>> {
  try {
    for (const [path, content] of await readSampleFiles()) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    const git = createGit(root);
    const steps: readonly (readonly string[])[] = [
      ['init', '-q', '-b', 'main'],
      // The sample must work on a machine where git knows nobody; it is nobody's real work.
      ['config', 'user.name', 'Rehearsal'],
      ['config', 'user.email', 'rehearsal@localhost'],
      ['config', 'commit.gpgsign', 'false'],
      ['add', '.'],
      ['commit', '-qm', 'A small invoice library'],
    ];
    for (const step of steps) {
      const answer = await git(step);
      if (answer.code !== 0) return fail('config', `git ${step[0]} failed in ${root}: ${answer.stderr.trim()}`);
    }
    const prepared = await initProject(root, { clock: systemClock, runtime: 'rehearsal', name: DEMO_NAME });
    if (!prepared.ok) return prepared;
    // Rehearsals cost no rate limit, so agents need not start one by one.
    await writeFile(join(root, '.overstory', 'config.local.yaml'), 'agents:\n  staggerDelayMs: 0\n');
    return ok(null);
  } catch (error) {
    return fail('config', `the rehearsal project cannot be written to ${root}: ${errorLine(error)}`);
  }
}

/** Puts the demo's tasks and specs on the board of a fresh sample project and starts its coordinator. */
export async function startDemoRun(
  client: Pick<RoomClient, 'call'>,
): Promise<Result<{ readonly runId: string | null }>> {
  const cards = [
    ...TASKS.map((task) => ({ ...task, column: 'ready' as const })),
    ...BACKLOG.map((task) => ({ ...task, column: 'backlog' as const })),
  ];
  for (const { id, title, files, priority, column } of cards) {
    const created = await client.call('tasks.create', { id, title, files: [...files], priority, column });
    if (!created.ok) return created;
  }
  const specs = [...TASKS, ...BACKLOG].map((task) => task.id);
  let coordinatorSpec = '';
  for (const id of [...specs, ...OTHER_SPECS, COORDINATOR_SPEC]) {
    const written = await client.call('tasks.writeSpec', { id, body: await readSpecText(id) });
    if (!written.ok) return written;
    if (id === COORDINATOR_SPEC) coordinatorSpec = written.value.path;
  }
  return await client.call('coordinator.start', { spec: coordinatorSpec, objective: OBJECTIVE });
}

/**
 * Makes a rehearsal project of its own for every time it is asked for, starts an engine for it and the run in it.
 * @param folder where projects are made; a number makes the name free.
 */
export async function createDemo(
  folder: string = demosFolder(),
): Promise<Result<{ readonly root: string; readonly name: string }>> {
  const made = await freeFolder(folder);
  if (!made.ok) return made;
  const root = made.value;
  const written = await writeDemoProject(root);
  if (!written.ok) return written;
  const engine = await ensureBackgroundEngine(root);
  if (!engine.ok) return engine;
  const client = await connectToEngine(engine.value);
  if (!client.ok) return client;
  try {
    const started = await startDemoRun(client.value);
    return started.ok ? ok({ root, name: DEMO_NAME }) : started;
  } finally {
    client.value.close();
  }
}

/** Makes the first folder of the name that is not there yet: `mkdir` decides, so that two askers never share one. */
async function freeFolder(folder: string): Promise<Result<string>> {
  try {
    await mkdir(folder, { recursive: true });
    for (let number = 1; ; number += 1) {
      const root = join(folder, number === 1 ? DEMO_NAME : `${DEMO_NAME}-${number}`);
      try {
        await mkdir(root);
        return ok(root);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    return fail('config', `no rehearsal project can be made in ${folder}: ${errorLine(error)}`);
  }
}
