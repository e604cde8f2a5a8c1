import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import {
  type ClientContext,
  client,
  type InitializeResponse,
  methods,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
  type SessionConfigOption,
  type StopReason,
} from '@agentclientprotocol/sdk';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { askGuard, choose } from './acpGuard.ts';
import { toolOf, UpdateLines } from './acpUpdates.ts';
import { type LineWriter, lines } from './lines.ts';

/** Bytes of one message of an agent: a tool's whole output may be one. */
const LARGEST_MESSAGE = 256 * 1024 * 1024;
/** Milliseconds an agent gets to end a cancelled prompt, and to end once its input is closed. */
const END_WITHIN_MS = 2_000;
/** The protocol's code for "log in first". */
const AUTHENTICATION_REQUIRED = -32000;
/** What the room knows a missing login by (real-agents.md §3). */
const UNAUTHORIZED = 401;

export interface AcpTurn {
  readonly command: readonly string[];
  readonly prompt: string;
  /** Conversation to go on with; null begins one. */
  readonly resumeId: string | null;
  readonly model: string | null;
  readonly cwd: string;
  readonly writer: LineWriter;
  readonly signal: AbortSignal;
}

type Conversation =
  | { readonly known: true; readonly id: string; readonly options: readonly SessionConfigOption[] }
  | { readonly known: false; readonly reason: string };

/**
 * One turn of an agent that speaks the Agent Client Protocol: starts it, opens or resumes the conversation, sends the turn's
 * text and writes what comes back in claude's form. The agent asks for permissions; the guard answers. @returns the exit code.
 */
export async function runAcpTurn(turn: AcpTurn): Promise<number> {
  const started = performance.now();
  const [program = '', ...args] = turn.command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: turn.cwd });
  const refused = new Promise<never>((_resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error('command not found; install it or choose another runtime') : error),
    );
  });
  // Told by whoever awaits the workflow; without one waiting it must not end this process.
  refused.catch(() => undefined);
  const updates = new UpdateLines(turn.writer.write);
  const state = { prompting: false, sessionId: null as string | null };
  const finish = (
    isError: boolean,
    text: string,
    extra: { readonly turns?: number; readonly status?: number; readonly cost?: number | null } = {},
  ) => {
    updates.flush();
    turn.writer.write(
      lines.result({
        sessionId: state.sessionId ?? turn.resumeId,
        isError,
        text: isError ? text : updates.lastText,
        errors: isError ? [text] : [],
        durationMs: Math.round(performance.now() - started),
        numTurns: extra.turns ?? 1,
        usage: null,
        costUsd: extra.cost ?? null,
        ...(extra.status === undefined ? {} : { status: extra.status }),
      }),
    );
    return isError ? 1 : 0;
  };

  const app = client({ name: 'overstory-control-room' })
    .onNotification(methods.client.session.update, ({ params }) => {
      // A resumed agent tells its whole history first; that is not of this turn.
      if (state.prompting) updates.push(params.update);
      else if (params.update.sessionUpdate === 'usage_update') updates.push(params.update);
    })
    .onRequest(methods.client.session.requestPermission, async ({ params }) => {
      const verdict = await askGuard(toolOf(params.toolCall), turn.cwd, process.env.OVERSTORY_AGENT_NAME ?? '');
      if (!verdict.allow) turn.writer.write(lines.text(`[guard] refused: ${verdict.reason}`));
      return { outcome: choose(params.options, verdict.allow) };
    });
  const stream = ndJsonStream(Writable.toWeb(child.stdin), Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>, {
    maxMessageBytes: LARGEST_MESSAGE,
  });

  const workflow = async (agent: ClientContext): Promise<number> => {
    const about = await agent.request(methods.agent.initialize, {
      protocolVersion: PROTOCOL_VERSION,
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      clientInfo: { name: 'overstory-control-room', version: PRODUCT_VERSION },
    });
    const conversation = await openConversation(agent, about, turn);
    if (!conversation.known) return finish(true, conversation.reason, { turns: 0 });
    const sessionId = conversation.id;
    state.sessionId = sessionId;
    await chooseModel(agent, conversation, turn.model);
    turn.writer.write(lines.init(sessionId, turn.model));
    const costBefore = updates.costUsd ?? 0;
    const cancel = (): void => {
      void agent.notify(methods.agent.session.cancel, { sessionId });
      // An agent that does not answer is ended: the turn is over for whoever interrupted it.
      setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS).unref();
    };
    if (turn.signal.aborted) cancel();
    turn.signal.addEventListener('abort', cancel, { once: true });
    state.prompting = true;
    const answer = await agent.request(methods.agent.session.prompt, {
      sessionId,
      prompt: [{ type: 'text', text: turn.prompt }],
    });
    state.prompting = false;
    const cost = updates.costUsd === null ? null : Math.max(0, updates.costUsd - costBefore);
    const failure = failureOf(answer.stopReason);
    return finish(failure !== null, failure ?? '', { cost });
  };

  try {
    return await Promise.race([app.connectWith(stream, workflow), refused]);
  } catch (error) {
    if (turn.signal.aborted) return finish(true, 'interrupted');
    const login = error instanceof RequestError && error.code === AUTHENTICATION_REQUIRED;
    const reason = error instanceof Error ? error.message : String(error);
    if (login) return finish(true, `${program} is not logged in: ${reason}`, { turns: 0, status: UNAUTHORIZED });
    return finish(true, `${program}: ${reason}`);
  } finally {
    await end(child);
  }
}

async function openConversation(agent: ClientContext, about: InitializeResponse, turn: AcpTurn): Promise<Conversation> {
  const { cwd, resumeId } = turn;
  if (resumeId === null) {
    const opened = await agent.request(methods.agent.session.new, { cwd, mcpServers: [] });
    return { known: true, id: opened.sessionId, options: opened.configOptions ?? [] };
  }
  const can = about.agentCapabilities;
  const notFound = (reason: string): Conversation => ({
    known: false,
    reason: `No conversation found with session ID: ${resumeId} (${reason})`,
  });
  try {
    if (can?.sessionCapabilities?.resume) {
      const opened = await agent.request(methods.agent.session.resume, { cwd, sessionId: resumeId, mcpServers: [] });
      return { known: true, id: resumeId, options: opened.configOptions ?? [] };
    }
    if (can?.loadSession === true) {
      const opened = await agent.request(methods.agent.session.load, { cwd, sessionId: resumeId, mcpServers: [] });
      return { known: true, id: resumeId, options: opened.configOptions ?? [] };
    }
    return notFound('this agent keeps no conversations');
  } catch (error) {
    if (!(error instanceof RequestError) || error.code === AUTHENTICATION_REQUIRED) throw error;
    return notFound(error.message);
  }
}

/** Chooses the model where the agent offers it by that name; an agent without the choice keeps its own. */
async function chooseModel(
  agent: ClientContext,
  conversation: { readonly id: string; readonly options: readonly SessionConfigOption[] },
  model: string | null,
): Promise<void> {
  if (model === null || model === '') return;
  const option = conversation.options.find(
    (candidate) => candidate.category === 'model' && candidate.type === 'select',
  );
  if (option === undefined || option.type !== 'select') return;
  const offered = option.options.flatMap((entry) => ('options' in entry ? entry.options : [entry]));
  const chosen = offered.find((entry) => entry.value === model || entry.name === model);
  if (chosen === undefined) {
    process.stderr.write(`the agent offers no model "${model}"; it keeps its own\n`);
    return;
  }
  await agent.request(methods.agent.session.setConfigOption, {
    sessionId: conversation.id,
    configId: option.id,
    value: chosen.value,
  });
}

function failureOf(reason: StopReason): string | null {
  switch (reason) {
    case 'end_turn':
      return null;
    case 'max_tokens':
      return "the answer was cut off at the model's limit of tokens";
    case 'max_turn_requests':
      return 'the agent reached its limit of model requests in one turn';
    case 'refusal':
      return 'the model refused to go on';
    case 'cancelled':
      return 'interrupted';
  }
}

/** Closing its input ends a well-behaved agent; one that stays is ended. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}
