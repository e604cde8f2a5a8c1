import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { type ClientContext, client, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { chooseModel, openConversation } from './acpConversation.ts';
import { type AcpFailure, failureFrom, failureInWords, failureOf } from './acpFailure.ts';
import { choose, judgeCall } from './acpGuard.ts';
import { UpdateLines } from './acpUpdates.ts';
import { usageOf, withAnswer } from './acpUsage.ts';
import { type BridgeUsage, type LineWriter, lines } from './lines.ts';
import type { UsageReader } from './opencodeUsage.ts';

/** Bytes of one message of an agent: a tool's whole output may be one. */
const LARGEST_MESSAGE = 256 * 1024 * 1024;
/** Milliseconds an agent gets to end a cancelled prompt, and to end once its input is closed. */
const END_WITHIN_MS = 2_000;
/** Times in one turn an agent that stopped at a refused call is told the reason and sent on. */
const FOLLOW_UPS = 3;

export interface AcpTurn {
  readonly command: readonly string[];
  readonly prompt: string;
  /** Conversation to go on with; null begins one. */
  readonly resumeId: string | null;
  readonly model: string | null;
  readonly cwd: string;
  readonly writer: LineWriter;
  readonly signal: AbortSignal;
  /** Tells a turn's tokens and money where the agent's own answer does not tell all of it; null where it does. */
  readonly readUsage: UsageReader | null;
}

interface Used {
  readonly usage: BridgeUsage | null;
  /** US dollars; null when nobody said. */
  readonly costUsd: number | null;
}

/**
 * One turn of an agent that speaks the Agent Client Protocol: starts it, opens or resumes the conversation, sends the turn's
 * text and writes what comes back in claude's form. The agent asks for permissions; the guard answers. @returns the exit code.
 */
export async function runAcpTurn(turn: AcpTurn): Promise<number> {
  const started = performance.now();
  const begun = Date.now();
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
  /** Calls the guard refused since the agent last asked for anything else. */
  let turnedDown: string[] = [];

  const finish = (failure: AcpFailure | null, used: Used = { usage: null, costUsd: null }): number => {
    updates.flush();
    turn.writer.write(
      lines.result({
        sessionId: state.sessionId ?? turn.resumeId,
        isError: failure !== null,
        text: failure?.reason ?? updates.lastText,
        errors: failure === null ? [] : [failure.reason],
        durationMs: Math.round(performance.now() - started),
        numTurns: failure?.asked === false ? 0 : 1,
        usage: used.usage,
        costUsd: used.costUsd,
        ...(failure?.status === undefined ? {} : { status: failure.status }),
      }),
    );
    return failure === null ? 0 : 1;
  };

  const app = client({ name: 'overstory-control-room' })
    .onNotification(methods.client.session.update, ({ params }) => {
      // A resumed agent tells its whole history first; that is not of this turn.
      if (state.prompting) updates.push(params.update);
      else updates.skip(params.update);
    })
    .onRequest(methods.client.session.requestPermission, async ({ params }) => {
      const { toolCall } = params;
      const verdict = await judgeCall(toolCall, turn.cwd, process.env.OVERSTORY_AGENT_NAME ?? '');
      if (verdict.allow) updates.allowed(toolCall);
      else updates.refused(toolCall, verdict.reason);
      turnedDown = verdict.allow ? [] : [...turnedDown, `${toolCall.title ?? 'the call'}: ${verdict.reason}`];
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
    const conversation = await openConversation(agent, about, turn, updates);
    if (!conversation.known) return finish({ reason: conversation.reason, asked: false });
    const sessionId = conversation.id;
    state.sessionId = sessionId;
    await chooseModel(agent, conversation, turn.model);
    turn.writer.write(lines.init(sessionId, turn.model));
    // Money is told as the conversation's running total: without one from before, a resumed turn's share is not known.
    const before = turn.resumeId === null ? 0 : updates.costUsd;
    const cancel = (): void => {
      void agent.notify(methods.agent.session.cancel, { sessionId });
      // An agent that does not answer is ended: the turn is over for whoever interrupted it.
      setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS).unref();
    };
    if (turn.signal.aborted) cancel();
    turn.signal.addEventListener('abort', cancel, { once: true });
    state.prompting = true;
    let usage: BridgeUsage | null = null;
    let failure: AcpFailure | null = null;
    let text = turn.prompt;
    for (let prompts = 0; ; prompts += 1) {
      const answer = await agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: 'text', text }] });
      const told = usageOf(answer);
      usage = withAnswer(usage, told);
      updates.flush();
      const reason = failureOf(answer.stopReason);
      failure = reason === null ? failureInWords(updates.lastPiece, told !== null) : { reason, asked: true };
      if (failure !== null || turnedDown.length === 0 || prompts === FOLLOW_UPS || turn.signal.aborted) break;
      text = afterRefusal(turnedDown);
      turnedDown = [];
    }
    state.prompting = false;
    // 0 is what agents say of a model whose price they do not know.
    const share = updates.costUsd === null || before === null ? null : Math.max(0, updates.costUsd - before) || null;
    const own = turn.signal.aborted ? null : ((await turn.readUsage?.(sessionId, begun)) ?? null);
    return finish(failure, { usage: own?.usage ?? usage, costUsd: own?.costUsd ?? share });
  };

  try {
    return await Promise.race([app.connectWith(stream, workflow), refused]);
  } catch (error) {
    if (turn.signal.aborted) return finish({ reason: 'interrupted', asked: true });
    return finish(failureFrom(error, program));
  } finally {
    await end(child);
  }
}

/** Most agents stop at a refused call without being told why: their model gets the reason and goes on without the call. */
function afterRefusal(calls: readonly string[]): string {
  return [
    'The guard of this project refused what you wanted to run, and it will refuse it again:',
    ...calls.map((call) => `- ${call}`),
    'Go on with your work without it. If it cannot be done without it, report that by mail and end your turn.',
  ].join('\n');
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
