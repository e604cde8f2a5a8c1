import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { castLines, stretchOf } from '../../core/recordings/castExport.ts';
import { screenAt } from '../../core/recordings/playedScreen.ts';
import { tooEarly, toView } from '../../core/recordings/recordingsService.ts';
import { readRecordings, readTerminal, type TerminalRecording } from '../../core/recordings/segments.ts';
import { recordingsFolder, terminalFolder } from '../../platform/castFiles.ts';
import { parseTimestamp, timestamp } from '../../platform/clock.ts';
import { type Invocation, invocationOf, type Options, withCommonOptions, withEngine } from '../command.ts';
import { HarmlessOutput, RESTORE } from '../harmlessOutput.ts';
import { failWith, succeed, table, warn } from '../output.ts';
import { requireProject } from '../project.ts';

/** Seconds a player waits at most where nothing happened. */
const IDLE_SECONDS = '2';
const MEGABYTE = 1_000_000;

/** `ov recordings list|play|screen|export|room`: what terminals showed, and what the room knew, at any moment. */
export function registerRecordings(program: Command): void {
  const recordings = withCommonOptions(program.command('recordings')).description(
    'what terminals showed, and what the room knew, at any moment',
  );

  withCommonOptions(recordings.command('list'))
    .description('which terminals are recorded, and since when')
    .action((_options: Options, command: Command) =>
      withRecordings(command, async (folder, invocation) => {
        const views = (await readRecordings(folder)).map(toView);
        const rows = views.map((view) => [
          view.terminalId,
          view.from,
          view.to,
          `${(view.bytes / MEGABYTE).toFixed(1)} MB`,
          view.fromBeginning ? '' : 'beginning dropped',
        ]);
        succeed(
          invocation,
          'recordings list',
          { recordings: views },
          rows.length === 0 ? ['Nothing is recorded yet.'] : table([['terminal', 'from', 'to', 'size', ''], ...rows]),
        );
        return ok(null);
      }),
    );

  const moments = (command: Command): Command =>
    command
      .argument('<agent>', 'name of an agent, or id of a terminal such as shell:1a2b3c')
      .option('--from <moment>', 'a time (2026-01-31T12:00:00Z), or seconds or h:mm:ss since the recording began')
      .option('--to <moment>', 'the same');

  moments(withCommonOptions(recordings.command('play')))
    .description('play a recording on this terminal')
    .option('--speed <factor>', 'how many times as fast', '1')
    .option('--idle <seconds>', 'longest wait where nothing happened', IDLE_SECONDS)
    .action((agent: string, options: Options, command: Command) =>
      withRecordings(command, async (folder, invocation) => {
        if (invocation.json)
          return fail(
            'validation',
            'play draws on a terminal: use "ov recordings export" for a file, or "screen --json"',
          );
        const speed = Number(options.speed);
        const idle = Number(options.idle);
        if (!(speed > 0)) return fail('validation', '--speed must be a number above 0, such as 4', { field: 'speed' });
        if (!(idle >= 0)) return fail('validation', '--idle must be seconds, 0 or more', { field: 'idle' });
        const chosen = await choose(folder, agent, options);
        return chosen.ok ? play(chosen.value, speed, idle * 1_000) : chosen;
      }),
    );

  withCommonOptions(recordings.command('screen'))
    .description('the screen at one moment')
    .argument('<agent>', 'name of an agent, or id of a terminal such as shell:1a2b3c')
    .requiredOption('--at <moment>', 'a time (2026-01-31T12:00:00Z), or seconds or h:mm:ss since the recording began')
    .action((agent: string, options: Options, command: Command) =>
      withRecordings(command, async (folder, invocation) => {
        const chosen = await choose(folder, agent, { from: options.at });
        if (!chosen.ok) return chosen;
        const { recording, from } = chosen.value;
        const screen = await screenAt(recording.segments, from);
        if (screen === null) return tooEarly(recording);
        if (invocation.json) succeed(invocation, 'recordings screen', { at: timestamp(from), ...screen }, []);
        else process.stdout.write(new HarmlessOutput().push(`${screen.snapshot}\x1b[0m\r\n`));
        if (!screen.exact) warn('output before this recording is missing: parts of the screen may be too');
        return ok(null);
      }),
    );

  moments(withCommonOptions(recordings.command('export')))
    .description('write a recording, or a part of it, as one asciicast file')
    .requiredOption('--out <file>', 'the file to write, such as agent.cast')
    .action((agent: string, options: Options, command: Command) =>
      withRecordings(command, async (folder, invocation) => {
        const chosen = await choose(folder, agent, options);
        if (!chosen.ok) return chosen;
        const path = resolve(String(options.out));
        const { recording, from, to } = chosen.value;
        const written = await writeLines(path, castLines(await stretchOf(recording, from, to)));
        if (!written.ok) return written;
        succeed(invocation, 'recordings export', { path, events: written.value }, [`Wrote ${path}`]);
        return ok(null);
      }),
    );

  withCommonOptions(recordings.command('room'))
    .description('agents, mail, tasks, merges and branches at one moment')
    .requiredOption('--at <time>', 'a time such as 2026-01-31T12:00:00Z')
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const room = await client.call('recordings.room', { at: String(options.at) });
        if (!room.ok) return room;
        const { agents, mail, tasks, merges, heads, turns, paused } = room.value;
        const unread = Object.values(mail).filter((message) => !message.read).length;
        const rows = Object.entries(agents).map(([name, one]) => [name, one.capability, one.state, one.taskId]);
        succeed(invocation, 'recordings room', { at: options.at, ...room.value }, [
          ...(rows.length === 0 ? ['No agents.'] : table([['agent', 'role', 'state', 'task'], ...rows])),
          `${Object.keys(tasks).length} tasks, ${Object.keys(mail).length} mails (${unread} unread), ${Object.keys(turns).length} turns, ${Object.keys(merges).length} merges${paused ? ', fleet paused' : ''}`,
          ...Object.entries(heads).map(([name, head]) => `${name} ${head.commit?.slice(0, 7) ?? '-'}`),
        ]);
        return ok(null);
      }),
    );
}

/** Recordings are files: nobody has to run to read them. */
async function withRecordings(
  command: Command,
  body: (folder: string, invocation: Invocation) => Promise<Result<unknown>>,
): Promise<void> {
  const invocation = invocationOf(command);
  const project = await requireProject(invocation.project);
  const done = project.ok ? await body(recordingsFolder(project.value), invocation) : project;
  if (!done.ok) failWith(invocation, done.error);
}

interface Chosen {
  readonly recording: TerminalRecording;
  readonly from: number;
  readonly to: number;
}

async function choose(folder: string, agent: string, options: Options): Promise<Result<Chosen>> {
  const id = agent.includes(':') ? agent : `agent:${agent}`;
  const recording = await readTerminal(join(folder, terminalFolder(id)));
  if (recording === null)
    return fail('notFound', `nothing is recorded of ${agent}: "ov recordings list" shows what is`);
  const begin = recording.segments[0]?.header.overstory.startedAt ?? 0;
  const from = momentOf(options.from, begin, 'from', begin);
  if (!from.ok) return from;
  const to = momentOf(options.to, begin, 'to', Number.POSITIVE_INFINITY);
  if (!to.ok) return to;
  return ok({ recording, from: from.value, to: to.value });
}

/** Reads a moment: a time, or seconds or `h:mm:ss` since the recording began. Gives milliseconds since the epoch. */
export function momentOf(
  value: string | boolean | undefined,
  begin: number,
  option: string,
  fallback: number,
): Result<number> {
  if (typeof value !== 'string') return ok(fallback);
  const since = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$/.exec(value);
  if (since !== null) {
    const [hours = 0, minutes = 0, seconds = 0] = since.slice(1).map((part) => Number(part ?? 0));
    return ok(begin + ((hours * 60 + minutes) * 60 + seconds) * 1_000);
  }
  const time = parseTimestamp(value);
  if (!Number.isNaN(time)) return ok(time);
  return fail('validation', `--${option} must be a time such as 2026-01-31T12:00:00Z, or seconds since the beginning`, {
    field: option,
  });
}

async function play({ recording, from, to }: Chosen, speed: number, idleMs: number): Promise<Result<null>> {
  const stretch = await stretchOf(recording, from, to);
  const output = new HarmlessOutput();
  const { columns, rows } = process.stdout;
  if (columns !== undefined && (columns < stretch.size.cols || rows < stretch.size.rows))
    warn(
      `recorded at ${stretch.size.cols}x${stretch.size.rows}, larger than this terminal: lines will break elsewhere`,
    );
  const stop = (): void => {
    process.stdout.write(RESTORE);
    process.exit(130);
  };
  process.once('SIGINT', stop);
  try {
    let last = 0;
    for await (const { time, kind, data } of stretch.events) {
      const wait = Math.min((time - last) / speed, idleMs);
      last = time;
      if (wait >= 1) await delay(wait);
      if (kind === 'o' && !process.stdout.write(output.push(data)))
        await new Promise((written) => process.stdout.once('drain', written));
    }
  } finally {
    process.off('SIGINT', stop);
    process.stdout.write(RESTORE);
  }
  return ok(null);
}

/** Writes lines as they come; gives how many events. */
async function writeLines(path: string, lines: AsyncGenerator<string>): Promise<Result<number>> {
  try {
    const file = await open(path, 'w', 0o600);
    try {
      let count = -1;
      for await (const line of lines) {
        await file.write(line);
        count += 1;
      }
      return ok(count);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return fail('unavailable', `${path} cannot be written (${code}): choose another file with --out`, { field: 'out' });
  }
}
