import { LIMITS } from '../../../contract/limits.ts';
import { fail, type Result } from '../../../contract/result.ts';
import type { Channel, Frame, Scheduler } from '../../../contract/wire/channel.ts';
import type { Hello, Scope } from '../../../contract/wire/definition.ts';
import { HelloMessage } from '../../../contract/wire/messages.ts';
import { parseJson } from '../../../contract/wire/texts.ts';
import { pipeWhenReady, withToken } from '../../platform/channelPipe.ts';
import { connectSocket } from '../../platform/socketConnection.ts';
import { ensureBackgroundEngine } from '../lease/backgroundEngine.ts';
import type { ProjectRegistry } from './projectRegistry.ts';

export interface JoinDependencies {
  readonly registry: Pick<ProjectRegistry, 'find'>;
  readonly scheduler: Scheduler;
  /** What a hello earns at the engine whose browser room the page came through. */
  authorize(hello: Hello): Scope | null;
  /** A channel to another project's engine, started when there is none. By default over its socket, with its token. */
  connect?(projectRoot: string): Promise<Result<Channel>>;
}

/**
 * Joins a signed-in page to the engine of another project of this machine (docs/decisions/projects.md). The page's own
 * token is checked before anything of that project is looked at, and never leaves this process; only a page that may do
 * everything here may go there, because the way in is that engine's own, which grants everything.
 */
export function joinProject(page: Channel, projectId: string, dependencies: JoinDependencies): void {
  const refuse = (tag: 'unauthorized' | 'validation' | 'timeout', reason: string): void => {
    page.send(JSON.stringify({ t: 'refused', tag, reason }));
    page.close(reason);
  };
  let pass: ((frame: Frame) => void) | null = null;
  let judged = false;
  const cancel = dependencies.scheduler.after(LIMITS.helloTimeoutMs, () =>
    refuse('timeout', `no hello within ${LIMITS.helloTimeoutMs / 1_000} seconds`),
  );
  page.onClose(cancel);
  page.onFrame((frame) => {
    if (pass !== null) return pass(frame);
    if (judged) return;
    judged = true;
    cancel();
    const hello = readHello(frame);
    if (hello === null) return refuse('validation', 'the first frame must be a hello');
    const scope = dependencies.authorize(hello);
    if (scope === null) return refuse('unauthorized', 'not signed in: the token is missing, wrong or expired');
    if (scope !== 'admin') return refuse('unauthorized', 'this link shows one project only');
    const rest: Channel = {
      onFrame(listener) {
        pass = listener;
        listener(frame);
        return () => {};
      },
      onClose: page.onClose.bind(page),
      close: page.close.bind(page),
      send: page.send.bind(page),
      get queuedBytes() {
        return page.queuedBytes;
      },
    };
    pipeWhenReady(rest, open(projectId, dependencies));
  });
}

function readHello(frame: Frame): Hello | null {
  const parsed = HelloMessage.safeParse(typeof frame === 'string' ? parseJson(frame) : undefined);
  if (!parsed.success) return null;
  const { protocol, contract, build, token } = parsed.data;
  return { protocol, contract, build, ...(token === undefined ? {} : { token }) };
}

async function open(projectId: string, { registry, connect = overSocket }: JoinDependencies): Promise<Result<Channel>> {
  const record = await registry.find(projectId);
  if (record === null) return fail('notFound', 'this project is not on the list of this machine any more');
  return await connect(record.root);
}

async function overSocket(projectRoot: string): Promise<Result<Channel>> {
  const engine = await ensureBackgroundEngine(projectRoot);
  if (!engine.ok) return engine;
  const channel = await connectSocket(engine.value.socket);
  return channel.ok ? { ok: true, value: withToken(channel.value, engine.value.token) } : channel;
}
