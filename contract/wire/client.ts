/**
 * The calling end of the wire.
 *
 *   const connected = await connectClient({ contract: roomContract, channel, hello: { build, token }, scheduler });
 *   if (!connected.ok) ...                                   // refused, timed out or cut off: one readable line
 *   const client = connected.value;
 *   const sent = await client.call('mail.send', input, { timeoutMs: 5_000 });
 *   const end = client.subscribe('tasks', (state, delta) => ...);   // delta is null for a snapshot
 *
 *   const attached = await client.call('terminals.attach', { terminalId, size });
 *   const reader = client.openStream(attached.value.stream, {
 *     onBytes: (bytes, offset) => terminal.write(bytes, () => reader.ack(offset + bytes.byteLength)),
 *     onEnd: (reason) => ...,                                // `lagging`: attach again
 *   });
 *
 * One connection, used once: `reconnect.ts` keeps subscriptions over several. No call ever rejects.
 */
import { LIMITS } from '../limits.ts';
import { assertNever, type CallError, fail, ok, type Result } from '../result.ts';
import type { Channel, Frame, Scheduler } from './channel.ts';
import type { Client, Contract, Hello, ProcedureOutput, TopicDelta, TopicState, Welcome } from './definition.ts';
import { decodeBinary } from './frames.ts';
import { createRpcClient } from './rpcClient.ts';
import { readServerMessage, readWelcome } from './serverMessages.ts';
import { createStreamTable } from './streamTable.ts';
import { byeText, parseJson } from './texts.ts';
import { createTopicMirror, type TopicMirror } from './topicMirror.ts';

/** What a client says of itself; protocol and contract are those of the contract unless a test says otherwise. */
export type HelloOptions = Pick<Hello, 'build' | 'token'> & Partial<Hello>;

export interface ConnectOptions<C extends Contract> {
  readonly contract: C;
  readonly channel: Channel;
  readonly hello: HelloOptions;
  readonly scheduler: Scheduler;
  /** Also checks outputs, snapshots and deltas against their schemas; for development and tests. */
  readonly validate?: boolean;
  /** Copies of topics that outlive the connection; `reconnect.ts` passes its own. */
  readonly mirror?: TopicMirror;
}

/** Says hello and waits for the welcome. Fails with the server's reason (`config`, `unauthorized`), `timeout` or `unavailable`. */
export function connectClient<C extends Contract>(options: ConnectOptions<C>): Promise<Result<Client<C>>> {
  const { contract, channel, scheduler } = options;
  return new Promise((resolve) => {
    let settled = false;
    const settle = (result: Result<Client<C>>): void => {
      if (settled) return;
      settled = true;
      cancelTimer();
      removeFrames();
      removeClose();
      resolve(result);
      if (!result.ok) channel.close(result.error.message);
    };
    const cancelTimer = scheduler.after(LIMITS.helloTimeoutMs, () =>
      settle(
        fail('timeout', `the ${contract.name} server did not answer within ${LIMITS.helloTimeoutMs / 1_000} seconds`),
      ),
    );
    let removeClose = (): void => {};
    let removeFrames = (): void => {};
    removeFrames = channel.onFrame((frame) => {
      // From here on the connected client listens; until it does the channel keeps nothing, so it must follow at once.
      if (!settled) settle(welcomed(frame, options));
    });
    removeClose = channel.onClose((reason) => settle(fail('unavailable', reason)));
    if (settled) return;
    channel.send(
      JSON.stringify({ t: 'hello', protocol: contract.protocol, contract: contract.name, ...options.hello }),
    );
  });
}

function welcomed<C extends Contract>(frame: Frame, options: ConnectOptions<C>): Result<Client<C>> {
  const { contract } = options;
  const message = readWelcome(typeof frame === 'string' ? parseJson(frame) : undefined);
  if (message === null) return fail('unavailable', `what answered is no ${contract.name} server`);
  switch (message.t) {
    case 'refused':
      return fail(message.tag, message.reason, { data: { refused: true } });
    case 'bye':
      return fail('unavailable', message.reason);
    case 'welcome': {
      if (message.protocol !== contract.protocol) {
        return fail(
          'config',
          `protocol mismatch: this client speaks ${contract.protocol}, the server (${message.build}) speaks ${message.protocol}; restart the older of the two`,
          { data: { refused: true } },
        );
      }
      const { protocol, epoch, build, serverTime, scope } = message;
      return ok(createClient(options, { protocol, epoch, build, serverTime, scope }));
    }
    default:
      return assertNever(message);
  }
}

function createClient<C extends Contract>(options: ConnectOptions<C>, welcome: Welcome): Client<C> {
  const { contract, channel, scheduler, validate = false } = options;
  const mirror = options.mirror ?? createTopicMirror({ contract, scheduler, validate });
  const closeListeners = new Set<(reason: string) => void>();
  const waiters = new Set<(result: Result<never>) => void>();
  let closedReason: string | null = null;
  let parts: string[] = [];
  let partCharacters = 0;
  let readCharacters = 0;
  let toldCharacters = 0;

  const send = (frame: Frame): void => {
    if (closedReason === null) channel.send(frame);
  };
  const rpc = createRpcClient({ contract, scheduler, send, validate });
  const streams = createStreamTable(scheduler, send);

  const close = (reason: string): void => {
    if (closedReason !== null) return;
    send(byeText(reason));
    channel.close(reason);
  };
  const broken = (what: string): void => {
    close(`protocol error: ${what}`);
  };

  // The readers answer what is wrong with a frame, null when nothing is.
  const onText = (text: string): string | null => {
    const message = readServerMessage(parseJson(text));
    if (message === null) return 'unknown or malformed message';
    switch (message.t) {
      case 's':
        rpc.response(message);
        return null;
      case 'snapshot':
      case 'delta':
      case 'current':
        return mirror.receive(message);
      case 'end':
        streams.end(message.stream, message.reason);
        return null;
      case 'part':
        return onPart(message.more, message.text);
      case 'bye':
        channel.close(message.reason);
        return null;
      default:
        return assertNever(message);
    }
  };
  const onPart = (more: boolean, text: string): string | null => {
    parts.push(text);
    partCharacters += text.length;
    if (partCharacters > LIMITS.messageBytes) return `message larger than ${LIMITS.messageBytes} bytes`;
    if (more) return null;
    const whole = parts.join('');
    parts = [];
    partCharacters = 0;
    return onText(whole);
  };
  const onBinary = (frame: Uint8Array): string | null => {
    const decoded = decodeBinary(frame);
    if (decoded?.kind !== 'bytes') return 'unreadable binary frame';
    streams.bytes(decoded.stream, decoded.offset, decoded.bytes);
    return null;
  };
  const removeFrames = channel.onFrame((frame) => {
    if (closedReason !== null) return;
    const wrong = typeof frame === 'string' ? onText(frame) : onBinary(frame);
    if (wrong !== null) broken(wrong);
    if (typeof frame !== 'string') return;
    readCharacters += frame.length;
    if (readCharacters - toldCharacters < LIMITS.textSeenCharacters) return;
    toldCharacters = readCharacters;
    send(JSON.stringify({ t: 'seen', characters: readCharacters }));
  });
  mirror.attach(welcome.epoch, send);

  channel.onClose((reason) => {
    closedReason = reason;
    removeFrames();
    mirror.detach();
    rpc.close(closedReason);
    streams.close(closedReason);
    for (const waiter of [...waiters]) waiter(fail('unavailable', closedReason));
    for (const listener of [...closeListeners]) listener(closedReason);
    closeListeners.clear();
  });

  return {
    welcome,
    // The two casts give the answer back the type its name stands for; in development its schema has checked it.
    call: <N extends keyof C['procedures'] & string>(name: N, input: unknown, callOptions?: object) =>
      rpc.call(name, input, callOptions) as Promise<Result<ProcedureOutput<C, N>>>,
    subscribe: <N extends keyof C['topics'] & string>(
      name: N,
      listener: (state: TopicState<C, N>, delta: TopicDelta<C, N> | null) => void,
    ) =>
      mirror.subscribe(name, (state, delta) => listener(state as TopicState<C, N>, delta as TopicDelta<C, N> | null)),
    snapshot: <N extends keyof C['topics'] & string>(name: N) =>
      firstState(mirror, name, scheduler, closedReason, waiters) as Promise<Result<TopicState<C, N>>>,
    openStream: streams.open,
    onClose(listener) {
      if (closedReason !== null) {
        listener(closedReason);
        return () => {};
      }
      closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },
    close: () => close('closed by this side'),
  };
}

/** Waits for the first state of a topic, at most `LIMITS.callTimeoutMs`; `waiters` are told when the connection ends. */
export function firstState(
  mirror: TopicMirror,
  name: string,
  scheduler: Scheduler,
  closedReason: string | null,
  waiters: Set<(result: Result<never>) => void>,
): Promise<Result<unknown>> {
  if (closedReason !== null) return Promise.resolve(fail('unavailable', closedReason));
  return new Promise((resolve) => {
    const settle = (result: Result<unknown, CallError>): void => {
      cancelTimer();
      waiters.delete(settle);
      end();
      resolve(result);
    };
    const cancelTimer = scheduler.after(LIMITS.callTimeoutMs, () =>
      settle(fail('timeout', `no state of ${name} within ${LIMITS.callTimeoutMs / 1_000} s`)),
    );
    waiters.add(settle);
    const end = mirror.whenReady(name, (state) => settle(ok(state)));
  });
}
