import { dirname, join } from 'node:path';
import { ok, type Result } from '../../contract/result.ts';
import { createEngine } from '../core/engine.ts';
import { joinProject } from '../core/projects/joinProject.ts';
import { openProjectRegistry } from '../core/projects/projectRegistry.ts';
import { releaseInheritedDescriptors } from '../platform/inheritedDescriptors.ts';
import { projectKey } from '../platform/projectSockets.ts';
import { nodeScheduler } from '../platform/scheduler.ts';
import { type BrowserRoom, startBrowserRoom } from '../server/browserRoom.ts';

export interface RunEngineOptions {
  readonly projectRoot: string;
  readonly mode: 'background' | 'foreground';
  readonly port: number;
  /** Print where the browser room is. */
  readonly announce: boolean;
  readonly json: boolean;
}

/**
 * Runs an engine in this process until it is asked to end. In the background the browser room starts with its first link,
 * or at once, where wallboards look for it, while one is signed in.
 */
export async function runEngine(options: RunEngineOptions): Promise<Result<null>> {
  if (options.mode === 'background') releaseInheritedDescriptors();
  const { promise: asked, resolve: shutdown } = Promise.withResolvers<string>();
  let gone: string | null = null;
  const registry = openProjectRegistry();
  const created = await createEngine({
    projectRoot: options.projectRoot,
    mode: options.mode,
    onShutdown: shutdown,
    registry,
    onGone(line) {
      gone = line;
      shutdown(line);
    },
  });
  if (!created.ok) return created;
  const engine = created.value;
  let starting: Promise<Result<BrowserRoom>> | null = null;
  const serveAt = (port: number): Promise<Result<BrowserRoom>> =>
    startBrowserRoom({
      rendererDirectory: rendererDirectory(),
      port,
      wallLinks: engine.wallLinks,
      instanceId: engine.info.instanceId,
      onChannel(channel, authorize, project) {
        if (project === null || project === projectKey(engine.projectRoot)) engine.connect(channel, authorize);
        else joinProject(channel, project, { registry, authorize, scheduler: nodeScheduler });
      },
    });
  const room = (): Promise<Result<BrowserRoom>> => {
    starting ??= (async () => {
      const known = engine.wallLinks.port();
      // Where a wallboard looks; when that is taken by now, the wall needs a new link and everybody else none.
      const again = options.port === 0 && known !== null ? await serveAt(known) : null;
      return again?.ok === true ? again : serveAt(options.port);
    })();
    return starting;
  };
  if (engine.wallLinks.port() !== null) await room();
  engine.setBrowserLink(async ({ scope, view }) => {
    const started = await room();
    return started.ok ? ok({ url: started.value.link(scope, view) }) : started;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => shutdown(signal));
  if (options.announce) {
    const started = await room();
    if (!started.ok) {
      await engine.close();
      return started;
    }
    const url = started.value.link('admin');
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ success: true, command: 'serve', pid: process.pid, url })}\n`
        : `Overstory Control Room of ${engine.projectRoot}\nOpen ${url}\nThe link works once, for a minute; "ov open" prints a new one. Ctrl+C ends the engine; agents go on.\n`,
    );
  }
  await asked;
  const open = starting === null ? null : await (starting as Promise<Result<BrowserRoom>>);
  if (open?.ok === true) await open.value.close();
  await engine.close();
  if (gone !== null) process.stderr.write(`ov: ${String(gone)}\n`);
  // Watches and timers of libraries may linger; everything of ours is closed.
  process.exit(gone === null ? 0 : 1);
}

/** The built renderer: beside the built program, or in `dist` of a checkout that runs from source. */
function rendererDirectory(): string {
  const here = dirname(import.meta.filename);
  return import.meta.filename.endsWith('.ts') ? join(here, '../../dist/renderer') : join(here, '../renderer');
}
