import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { LIMITS } from '../../contract/limits.ts';
import { type RoomClient, type RoomContract, roomContract } from '../../contract/room.ts';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { connectClient } from '../../contract/wire/client.ts';
import type { TopicState } from '../../contract/wire/definition.ts';
import { connectToEngine } from '../../main/core/lease/engineClient.ts';
import type { EngineInfo } from '../../main/core/lease/engineInfo.ts';
import { nodeScheduler } from '../../main/platform/scheduler.ts';
import { webSocketChannel } from '../../main/server/webSocketChannel.ts';
import type { EngineAnswers, Ready } from '../children/messages.ts';
import type { BenchContext } from './measure.ts';
import { must } from './must.ts';
import { endChild, startScript } from './processes.ts';

/** Milliseconds until a child must have said something. */
const ANSWER_MS = 60_000;

/** An engine in a process of its own. */
export interface BenchEngine {
  readonly pid: number;
  /** A face on its unix socket. */
  client(): Promise<RoomClient>;
  /** A face on its WebSocket, signed in as a page does. */
  webClient(): Promise<RoomClient>;
  ask<Ask extends keyof EngineAnswers>(ask: Ask, rounds?: number): Promise<EngineAnswers[Ask]>;
  stop(): Promise<void>;
}

/** Resolves with the first message of a child; throws when it ends or says nothing. */
export async function firstMessage<Message>(child: ChildProcess): Promise<Message> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a bench process ended with ${String(code)} before it was ready`);
  });
  const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [Message];
  return message;
}

/** Starts one on a project; it ends with the measure. It serves the built page, or the one in the folder that is named. */
export async function startEngine(context: BenchContext, root: string, pageFolder?: string): Promise<BenchEngine> {
  const script = join(import.meta.dirname, '../children/engine.ts');
  const child = startScript(script, pageFolder === undefined ? [root] : [root, pageFolder], root);
  context.defer(() => endChild(child, 10_000));
  const info = (await firstMessage<Ready>(child)).info as EngineInfo;
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let questions = 0;
  child.on('message', (message: { id: number; value?: unknown; error?: string }) => {
    const waiter = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error !== undefined) waiter?.reject(new Error(message.error));
    else waiter?.resolve(message.value);
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the engine of the bench ended'));
  });
  const ask: BenchEngine['ask'] = (question, rounds) =>
    new Promise((resolve, reject) => {
      questions += 1;
      waiting.set(questions, { resolve: resolve as (value: unknown) => void, reject });
      child.send({ id: questions, ask: question, ...(rounds === undefined ? {} : { rounds }) });
    });
  return {
    pid: child.pid ?? -1,
    ask,
    async client() {
      const client = must(await connectToEngine(info));
      context.defer(() => client.close());
      return client;
    },
    async webClient() {
      const client = await signIn((await ask('link')).url);
      context.defer(() => client.close());
      return client;
    },
    stop: () => endChild(child, 10_000),
  };
}

async function signIn(link: string): Promise<RoomClient> {
  const { origin, host, hash } = new URL(link);
  const answer = await fetch(`${origin}/api/session`, {
    method: 'POST',
    headers: { Origin: origin, 'Content-Type': 'application/json' },
    body: JSON.stringify({ ticket: hash.slice('#ticket='.length) }),
  });
  const { token } = (await answer.json()) as { token: string };
  const socket = new WebSocket(`ws://${host}/ws`, {
    headers: { Origin: origin },
    perMessageDeflate: false,
    maxPayload: LIMITS.frameBytes,
  });
  await once(socket, 'open');
  return must(
    await connectClient({
      contract: roomContract,
      channel: webSocketChannel(socket),
      hello: { build: PRODUCT_VERSION, token },
      scheduler: nodeScheduler,
    }),
  );
}

/** Resolves once a topic is as wanted; throws after a minute with the last state. */
export function topicUntil<N extends keyof RoomContract['topics'] & string>(
  client: RoomClient,
  topic: N,
  wanted: (state: TopicState<RoomContract, N>) => boolean,
): Promise<TopicState<RoomContract, N>> {
  return new Promise((resolve, reject) => {
    let last: unknown = null;
    let stop = (): void => {};
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`${topic} never got there: ${JSON.stringify(last)?.slice(0, 500)}`));
    }, ANSWER_MS);
    stop = client.subscribe(topic, (state) => {
      last = state;
      if (!wanted(state)) return;
      clearTimeout(timer);
      // Not from within the callback of the very subscription that is being made.
      setImmediate(() => stop());
      resolve(state);
    });
  });
}
