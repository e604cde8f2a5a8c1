import { randomBytes } from 'node:crypto';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type {
  AttachTerminalInput,
  AttachTerminalReply,
  TerminalSize,
  TerminalView,
} from '../../../contract/terminals.ts';
import type { CallContext } from '../../../contract/wire/definition.ts';
import { terminalEnvironment } from '../../platform/childEnvironment.ts';
import type { HostTerminal } from '../../pty-host/protocol.ts';
import type { Log } from '../engineLog.ts';
import type { TurnFiles } from '../turns/turnFiles.ts';
import type { HostLink } from './hostLink.ts';
import { relayStream } from './relayStream.ts';

/** A process to run on an agent's terminal. */
export interface RunRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files: TurnFiles;
  readonly tag: string;
  readonly agentName: string;
  readonly title: string;
}

export interface FeedRequest {
  readonly source: string;
  readonly offset: number;
  readonly end: number;
  readonly data: string;
}

/** Columns and rows of a terminal nobody has looked at yet. */
const FIRST_SIZE: TerminalSize = { cols: 120, rows: 32 };
/** Characters of one feed call: the host takes no larger one. */
const FEED_CHARACTERS = 200_000;

/** The engine's side of all terminals: agents' transcripts and turns, people's shells. */
export interface Terminals {
  open(
    id: string,
    facts: { readonly agentName: string; readonly title: string; readonly cwd: string },
  ): Promise<Result<unknown>>;
  run(id: string, request: RunRequest): Promise<Result<{ readonly pid: number }>>;
  /** Starts a program that a person types to on an agent's terminal; `tag` names the run. */
  openProgram(
    id: string,
    program: Pick<RunRequest, 'argv' | 'cwd' | 'env' | 'tag'>,
  ): Promise<Result<{ readonly pid: number }>>;
  /** Draws text, in order, without waiting; a host that is away loses nothing that a replay would not bring back. */
  feed(id: string, request: FeedRequest): void;
  /** Byte offset up to which a source is drawn. */
  drawnTo(id: string, source: string): Promise<number>;
  /** Whether the process of a run lives; `unknown` while the pty host cannot be asked. */
  runState(id: string, tag: string): Promise<'running' | 'ended' | 'unknown'>;
  /** Ends the terminal's whole process tree; with `interruptMs` its process may first end by itself that long. */
  terminate(id: string, graceMs: number, interruptMs?: number): Promise<Result<unknown>>;
  openShell(agentName: string | null, cwd: string, size: TerminalSize): Promise<Result<TerminalView>>;
  attach(input: AttachTerminalInput, context: CallContext): Promise<Result<AttachTerminalReply>>;
  write(id: string, data: string): Promise<Result<Record<string, never>>>;
  resize(id: string, size: TerminalSize): Promise<Result<Record<string, never>>>;
  close(id: string): Promise<Result<Record<string, never>>>;
  views(): readonly TerminalView[];
}

export interface TerminalsOptions {
  readonly link: HostLink;
  readonly log: Log;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly commandFolder: string;
  readonly projectRoot: string;
}

export function createTerminals(options: TerminalsOptions): Terminals {
  const { link, log } = options;
  /** Feeds of one terminal keep their order. */
  const feeding = new Map<string, Promise<void>>();

  async function feedNow(id: string, request: FeedRequest): Promise<void> {
    const client = await link.client();
    if (!client.ok) return;
    const data =
      request.data.length > FEED_CHARACTERS ? `${request.data.slice(0, FEED_CHARACTERS)}\x1b[0m\r\n` : request.data;
    const fed = await client.value.call('terminals.feed', {
      id,
      source: request.source,
      offset: request.offset,
      end: request.end,
      data,
    });
    if (!fed.ok) log('warn', 'transcript not drawn', { terminal: id, error: fed.error.message });
  }

  return {
    async open(id, facts) {
      const client = await link.client();
      if (!client.ok) return client;
      return client.value.call('terminals.open', {
        id,
        kind: 'agent',
        agent: facts.agentName,
        title: facts.title,
        cwd: facts.cwd,
        size: FIRST_SIZE,
      });
    },
    async run(id, request) {
      const client = await link.client();
      if (!client.ok) return client;
      // What was drawn before the run belongs before its output.
      await feeding.get(id);
      return client.value.call('terminals.run', {
        id,
        argv: [...request.argv],
        cwd: request.cwd,
        env: { ...request.env },
        stdinFile: request.files.stdin,
        stdoutFile: request.files.stdout,
        stderrFile: request.files.stderr,
        exitFile: request.files.exit,
        tag: request.tag,
      });
    },
    async openProgram(id, { argv, cwd, env, tag }) {
      const client = await link.client();
      if (!client.ok) return client;
      await feeding.get(id);
      return client.value.call('terminals.shell', { id, argv: [...argv], cwd, env: { ...env }, tag });
    },
    feed(id, request) {
      const next = (feeding.get(id) ?? Promise.resolve()).then(() => feedNow(id, request));
      feeding.set(id, next);
      void next.finally(() => {
        if (feeding.get(id) === next) feeding.delete(id);
      });
    },
    async drawnTo(id, source) {
      const client = await link.client();
      if (!client.ok) return 0;
      await feeding.get(id);
      // An empty range is never accepted; the answer says how far the source is drawn.
      const probe = await client.value.call('terminals.feed', { id, source, offset: 0, end: 0, data: '' });
      return probe.ok ? probe.value.end : 0;
    },
    async runState(id, tag) {
      const client = await link.client();
      if (!client.ok) return 'unknown';
      const listed = await client.value.call('terminals.list', {});
      if (!listed.ok) return 'unknown';
      const own = listed.value.terminals.find((terminal) => terminal.id === id);
      return own?.tag === tag && own.running ? 'running' : 'ended';
    },
    async terminate(id, graceMs, interruptMs = 0) {
      const client = await link.client();
      if (!client.ok) return client;
      const done = await client.value.call('terminals.terminate', { id, graceMs, interruptMs });
      if (done.ok && done.value.survivors.length > 0)
        return fail('internal', `processes ${done.value.survivors.join(', ')} of ${id} could not be ended`);
      return done;
    },
    async openShell(agentName, cwd, size) {
      const client = await link.client();
      if (!client.ok) return client;
      const id = `shell:${randomBytes(6).toString('hex')}`;
      const title = agentName === null ? 'shell' : `shell · ${agentName}`;
      const opened = await client.value.call('terminals.open', {
        id,
        kind: 'shell',
        agent: agentName,
        title,
        cwd,
        size,
      });
      if (!opened.ok) return opened;
      const env = terminalEnvironment(options.environment, {
        PATH: `${options.commandFolder}:${options.environment.PATH ?? ''}`,
        OVERSTORY_PROJECT_ROOT: options.projectRoot,
      });
      const started = await client.value.call('terminals.shell', { id, argv: null, cwd, env });
      if (!started.ok) {
        await client.value.call('terminals.close', { id, force: true });
        return started;
      }
      const row = link.rows().get(id);
      return ok(
        row === undefined
          ? {
              id,
              kind: 'shell',
              agent: agentName,
              title,
              cwd,
              running: true,
              pid: started.value.pid,
              exit: null,
              createdAt: new Date().toISOString(),
            }
          : toView(row),
      );
    },
    async attach(input, context) {
      const client = await link.client();
      if (!client.ok) return client;
      const attached = await client.value.call('terminals.attach', {
        id: input.terminalId,
        size: input.size,
        ...(input.anchor === undefined ? {} : { anchor: input.anchor }),
        answers: context.scope !== 'read',
      });
      if (!attached.ok) return attached;
      const writer = context.openStream(attached.value.anchor.offset);
      relayStream(client.value, attached.value.stream, writer);
      return ok({ ...attached.value, stream: writer.stream });
    },
    async write(id, data) {
      const client = await link.client();
      return client.ok ? empty(await client.value.call('terminals.write', { id, data })) : client;
    },
    async resize(id, size) {
      const client = await link.client();
      return client.ok ? empty(await client.value.call('terminals.resize', { id, size })) : client;
    },
    async close(id) {
      if (!id.startsWith('shell:'))
        return fail('invalidState', "an agent's terminal stays as long as the agent: stop the agent instead");
      const client = await link.client();
      return client.ok ? empty(await client.value.call('terminals.close', { id, force: true })) : client;
    },
    views: () => [...link.rows().values()].map(toView),
  };
}

function empty(result: Result<unknown>): Result<Record<string, never>> {
  return result.ok ? ok({}) : result;
}

/** A host row as faces see it. */
export function toView(row: HostTerminal): TerminalView {
  return {
    id: row.id,
    kind: row.kind,
    agent: row.agent,
    title: row.title,
    cwd: row.cwd,
    running: row.running,
    pid: row.pid,
    exit: row.exit === null ? null : { code: row.exit.code, signal: row.exit.signal },
    createdAt: row.createdAt,
  };
}
