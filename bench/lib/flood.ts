import { must } from './must.ts';
import { plainEnvironment, processUse } from './processes.ts';
import type { BenchProject } from './project.ts';
import { now } from './stats.ts';
import { viewTerminal } from './terminalViewer.ts';

const SIZE = { cols: 80, rows: 24 };

/** Terminals that print a file each, all at once. */
export interface Flood {
  /** Begins the names of the terminals. */
  readonly name: string;
  readonly count: number;
  readonly file: string;
  /** What a terminal makes of the file: a line feed becomes two bytes. */
  readonly bytesEach: number;
  readonly recorded: boolean;
}

export interface Flow {
  readonly ms: number;
  /** Of the process that reads the ptys. */
  readonly cpuMs: number;
}

/** Lets a flood through a project's pty host to a viewer on its socket that acknowledges at once. */
export async function floodThroughHost(project: BenchProject, flood: Flood): Promise<Flow> {
  const { client, pid } = await project.host();
  must(await client.call('recordings.configure', { maxAgeDays: 1, maxMegabytes: 10_000, enabled: flood.recorded }));
  const ids = terminalsOf(flood);
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  let open = flood.count;
  for (const id of ids) {
    const facts = { id, kind: 'shell', agent: null, title: id, cwd: project.root, size: SIZE } as const;
    must(await client.call('terminals.open', facts));
    let bytes = 0;
    viewTerminal(client, await client.call('terminals.attach', { id, size: null, answers: false }), (chunk) => {
      const wasOpen = bytes < flood.bytesEach;
      bytes += chunk.length;
      if (!wasOpen || bytes < flood.bytesEach) return;
      open -= 1;
      if (open === 0) finish();
    });
  }
  const argv = ['cat', flood.file];
  const before = await processUse(pid);
  const started = now();
  for (const id of ids)
    must(await client.call('terminals.shell', { id, argv, cwd: project.root, env: plainEnvironment() }));
  await finished;
  const ms = now() - started;
  must(await client.call('recordings.flush', { id: null }));
  const after = await processUse(pid);
  for (const id of ids) must(await client.call('terminals.close', { id, force: true }));
  client.close();
  return { ms, cpuMs: (after?.cpuMs ?? Number.NaN) - (before?.cpuMs ?? 0) };
}

/** Names of the terminals of a flood. */
export function terminalsOf({ name, count }: Pick<Flood, 'name' | 'count'>): readonly string[] {
  return Array.from({ length: count }, (_, index) => `shell:${name}-${index}`);
}
