import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { turnFiles } from '../../main/core/turns/turnFiles.ts';
import { timestamp } from '../../main/platform/clock.ts';
import type { LoopDelay } from '../children/messages.ts';
import { firstMessage } from './engine.ts';
import type { BenchContext } from './measure.ts';
import { must } from './must.ts';
import { endChild, plainEnvironment, startScript } from './processes.ts';
import type { BenchProject } from './project.ts';
import { type History, seedAgents, seedHistory, withStores } from './seed.ts';

/** Lines a second of one agent: a runtime prints three for a step, and agents that all take two steps a second are a busy fleet. */
export const LINES_A_SECOND = 6;

/** Agents in a turn each, whose logs one process writes. */
export interface Streams {
  start(): void;
  /** Counts and watches anew from here. */
  mark(): void;
  /** Ends the writing; tells the idle loop of the writing process and the lines since the mark. */
  stop(): Promise<{ readonly delay: LoopDelay; readonly written: number }>;
}

/** Seeds agents in a running turn each, as a restarted engine finds and adopts them. No engine may run yet. */
export async function seedStreams(
  context: BenchContext,
  project: BenchProject,
  names: readonly string[],
  history: History,
): Promise<Streams> {
  const { client: host } = await project.host();
  const logs = await withStores(project.overstory, async (stores) => {
    const agents = await seedAgents(stores, project.overstory, names, 'in_turn');
    seedHistory(stores, names, history);
    const startedAt = Date.now();
    return Promise.all(
      agents.map(async (agent) => {
        const files = turnFiles(project.overstory, agent.name, startedAt);
        const turnId = `${agent.name}-running`;
        await mkdir(files.directory, { recursive: true });
        await writeFile(files.stdout, '');
        must(
          stores.turns.start({
            turnId,
            agentName: agent.name,
            sessionId: agent.sessionId,
            runId: null,
            prompt: 'Go on.',
            logDirectory: files.directory,
            startedAt: timestamp(startedAt),
            resumeId: null,
            model: null,
          }),
        );
        const id = `agent:${agent.name}`;
        const size = { cols: 120, rows: 32 };
        must(
          await host.call('terminals.open', {
            id,
            kind: 'agent',
            agent: agent.name,
            title: id,
            cwd: project.root,
            size,
          }),
        );
        // Stands for the runtime's process; what it prints comes from one writer for all.
        must(
          await host.call('terminals.run', {
            id,
            argv: ['sleep', '600'],
            cwd: project.root,
            env: plainEnvironment(),
            stdinFile: null,
            stdoutFile: null,
            stderrFile: null,
            exitFile: files.exit,
            tag: turnId,
          }),
        );
        return files.stdout;
      }),
    );
  });
  const writers = startScript(
    join(import.meta.dirname, '../children/logWriters.ts'),
    [String(LINES_A_SECOND), ...logs],
    project.root,
  );
  context.defer(() => endChild(writers));
  await firstMessage(writers);
  return {
    start: () => void writers.send('start'),
    mark: () => void writers.send('mark'),
    stop() {
      writers.send('stop');
      return firstMessage(writers);
    },
  };
}
