import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { WallLink } from '../../../contract/projects.ts';
import { fail } from '../../../contract/result.ts';
import { ensureBackgroundEngine, HELD_EXIT_CODE } from '../../core/lease/backgroundEngine.ts';
import { connectBriefly } from '../../core/lease/briefEngineClient.ts';
import { findLiveEngine } from '../../core/lease/engineInfo.ts';
import { isSameProcess } from '../../platform/processes.ts';
import { invocationOf, withCommonOptions, withEngine } from '../command.ts';
import { failWith, succeed, warn } from '../output.ts';
import { requireProject } from '../project.ts';

interface ServeOptions {
  readonly background?: boolean;
  readonly detached?: boolean;
  readonly openBrowser?: boolean;
  readonly port?: string;
  readonly stop?: boolean;
}

/** `ov serve`, `ov open`, `ov wall`: the engine, its browser room and the wallboards that look at it. */
export function registerEngine(program: Command): void {
  withCommonOptions(program.command('serve'))
    .description('run the engine of this project with its browser room')
    .option('--background', 'start it in the background and return')
    .option('--detached', 'run as the background engine itself')
    .option('--open-browser', 'also print a one-time link for the browser room')
    .option('--port <port>', 'port of the browser room (default: chosen by the system)')
    .option('--stop', 'end the running engine; agents go on under the pty host')
    .action(async (options: ServeOptions, command: Command) => {
      const invocation = invocationOf(command);
      const project = await requireProject(invocation.project);
      if (!project.ok) return failWith(invocation, project.error);
      if (options.stop === true) return stopEngine(invocation, project.value);
      if (options.background === true) {
        const info = await ensureBackgroundEngine(project.value);
        if (!info.ok) return failWith(invocation, info.error);
        return succeed(invocation, 'serve', { pid: info.value.pid, mode: info.value.mode }, [
          `engine runs (process ${info.value.pid})`,
        ]);
      }
      const port = options.port === undefined ? 0 : Number(options.port);
      if (!Number.isInteger(port) || port < 0 || port > 65_535)
        return failWith(invocation, {
          tag: 'validation',
          message: `--port must be a number from 0 to 65535, not ${options.port}`,
        });
      const live = await findLiveEngine(project.value);
      if (live !== null && options.openBrowser === true) {
        const client = await connectBriefly(live);
        if (!client.ok) return failWith(invocation, client.error);
        const link = await client.value.call('engine.browserLink', {});
        client.value.close();
        if (!link.ok) return failWith(invocation, link.error);
        return succeed(invocation, 'serve', { url: link.value.url, pid: live.pid }, [
          `An engine runs already (process ${live.pid}). Open ${link.value.url}`,
        ]);
      }
      const { runEngine } = await import('../serveEngine.ts');
      const ran = await runEngine({
        projectRoot: project.value,
        mode: options.detached === true ? 'background' : 'foreground',
        port,
        announce: options.detached !== true,
        json: invocation.json,
      });
      if (ran.ok) return;
      failWith(invocation, ran.error);
      if (options.detached === true && ran.error.tag === 'conflict') process.exitCode = HELD_EXIT_CODE;
    });

  withCommonOptions(program.command('open'))
    .description('print a fresh one-time link to the browser room')
    .option('--wallboard', 'a link that only watches: the wallboard for a screen on the wall')
    .action((options: { readonly wallboard?: boolean }, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const wish = options.wallboard === true ? ({ scope: 'read', view: 'wallboard' } as const) : {};
        const link = await client.call('engine.browserLink', wish);
        if (!link.ok) return link;
        succeed(invocation, 'open', { url: link.value.url }, [link.value.url]);
        if (options.wallboard === true && !invocation.quiet)
          warn('It works once, for a minute; the wallboard then stays signed in for 7 days ("ov wall list").');
        return link;
      }),
    );

  const wall = withCommonOptions(program.command('wall').description('wallboards that are signed in in a browser'));
  withCommonOptions(wall.command('list'))
    .description('lists them with the end of each')
    .action((_options: unknown, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const told = await client.call('engine.wallLinks', {});
          if (told.ok) succeed(invocation, 'wall list', told.value, wallLines(told.value.links));
          return told;
        },
        'repeatable',
      ),
    );
  withCommonOptions(wall.command('revoke [id]'))
    .description("takes a wallboard's link back: its page is cut off at once")
    .option('--all', 'every one')
    .action((id: string | undefined, options: { readonly all?: boolean }, command: Command) =>
      withEngine(command, async (client, invocation) => {
        if ((id === undefined) === (options.all !== true))
          return fail('validation', 'name one link ("ov wall list" shows them), or give --all');
        const ended = await client.call('engine.endWallLink', { id: id ?? null });
        if (ended.ok)
          succeed(invocation, 'wall revoke', ended.value, [
            ended.value.ended === 1 ? 'one wallboard is cut off' : `${ended.value.ended} wallboards are cut off`,
          ]);
        return ended;
      }),
    );
}

function wallLines(links: readonly WallLink[]): readonly string[] {
  if (links.length === 0) return ['no wallboard is signed in; "ov open --wallboard" prints a link'];
  const minute = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;
  return links.map(
    ({ id, address, signedInAt, until }) =>
      `${id}  ${address}  signed in ${minute(signedInAt)}  until ${minute(until)}`,
  );
}

/** Milliseconds an engine is given to leave, and between two looks. */
const LEAVE_MS = 60_000;
const LOOK_MS = 20;

async function stopEngine(invocation: ReturnType<typeof invocationOf>, projectRoot: string): Promise<void> {
  const live = await findLiveEngine(projectRoot);
  if (live === null) return succeed(invocation, 'serve', { stopped: false }, ['no engine runs here']);
  const client = await connectBriefly(live);
  if (!client.ok) return failWith(invocation, client.error);
  const closed = new Promise<void>((resolve) => client.value.onClose(() => resolve()));
  const asked = await client.value.call('engine.shutdown', { reason: 'ov serve --stop' });
  if (!asked.ok && asked.error.tag !== 'unavailable') return failWith(invocation, asked.error);
  await closed;
  // The project is free once the engine's process has gone, or a desktop's embedded engine has withdrawn.
  const deadline = Date.now() + LEAVE_MS;
  while (Date.now() < deadline && (await isSameProcess(live)) && live.mode !== 'embedded') await delay(LOOK_MS);
  succeed(invocation, 'serve', { stopped: true, pid: live.pid }, [`engine ended (process ${live.pid})`]);
}
