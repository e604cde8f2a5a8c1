/**
 * The serving end of the wire. For every channel that arrives:
 *
 *   const hub = createTopicHub({ contract: roomContract, scheduler });            // one per engine
 *   const session = serveClient({ contract: roomContract, channel, handlers, hub, authorize, scheduler, log, epoch, build });
 *   session.onClose((reason) => ...);
 *
 * - `authorize(hello)` answers the scope a good hello earns, or null to refuse it. Compare tokens in constant time.
 * - `epoch` is a random text of this start of the server: it tells returning clients whether their state can be resumed.
 * - A handler answers a `Result`; `context.signal` aborts when the caller cancels, times out or goes away;
 *   `context.openStream(offset)` makes a byte stream whose number the output returns.
 * - Change something, then `hub.publish('tasks', { put: [row], remove: [] })`: every subscriber hears of it.
 * - Whatever a client sends, at worst its own connection ends with a readable reason.
 */
import { LIMITS } from '../limits.ts';
import { assertNever, type CallError } from '../result.ts';
import type { Channel, Frame, Scheduler } from './channel.ts';
import type { Contract, Handlers, Hello, Scope } from './definition.ts';
import { decodeBinary, exceeds, STREAM_MAX } from './frames.ts';
import { ClientMessage, HelloMessage, type WireLog } from './messages.ts';
import { createOutbox } from './outbox.ts';
import { allows, createRpcServer, type RpcServer } from './rpcServer.ts';
import { createStreamWriter, type StreamControl } from './streamWriter.ts';
import { byeText, parseJson } from './texts.ts';
import type { TopicHub } from './topicHub.ts';
import { createTopicSender, type TopicSender } from './topicSender.ts';

export interface ServeOptions<C extends Contract> {
  readonly contract: C;
  readonly channel: Channel;
  readonly handlers: Handlers<C>;
  readonly hub: TopicHub<C>;
  /** The scope this hello earns, null to refuse it. */
  readonly authorize: (hello: Hello) => Scope | null;
  readonly scheduler: Scheduler;
  readonly log: WireLog;
  /** Random id of this start of the server. */
  readonly epoch: string;
  /** Version of the product the server was built as. */
  readonly build: string;
  /** Also checks outputs against their schemas; for development and tests. */
  readonly validate?: boolean;
  /** Says in one line what an error of the machine means (a full disk, a locked file); null for errors that are bugs. */
  readonly explain?: (error: unknown) => CallError | null;
}

/** One connection on the serving end. */
export interface ServerSession {
  readonly connection: number;
  /** Null until a good hello. */
  readonly scope: Scope | null;
  /** Tells the client why, then ends the connection. */
  close(reason: string): void;
  /** Called once with the reason, at once when the session is over. Returns its removal. */
  onClose(listener: (reason: string) => void): () => void;
}

// Numbers connections for log lines and `CallContext.connection`; two servers in one process share the count.
let lastConnection = 0;

/** Serves one client over one channel, from its hello to its end. */
export function serveClient<C extends Contract>(options: ServeOptions<C>): ServerSession {
  const { contract, channel, hub, scheduler, log } = options;
  lastConnection += 1;
  const connection = lastConnection;
  const streams = new Map<number, StreamControl>();
  let lastStream = 0;
  let scope: Scope | null = null;
  let rpc: RpcServer | null = null;
  let topics: TopicSender | null = null;
  let over = false;

  const outbox = createOutbox(channel, scheduler, () => close('lagging: this client is too far behind'));
  const cancelHello = scheduler.after(LIMITS.helloTimeoutMs, () => {
    refuse('timeout', `no hello within ${LIMITS.helloTimeoutMs / 1_000} seconds`);
  });

  const close = (reason: string): void => {
    if (over) return;
    // Straight to the channel: what waits in the outbox has no more reader.
    channel.send(byeText(reason));
    channel.close(reason);
  };
  const refuse = (tag: 'config' | 'unauthorized' | 'validation' | 'timeout', reason: string): void => {
    log('warn', 'client refused', { connection, reason });
    channel.send(JSON.stringify({ t: 'refused', tag, reason }));
    channel.close(reason);
  };
  const broken = (what: string): void => {
    log('warn', 'client cut off', { connection, reason: what });
    close(`protocol error: ${what}`);
  };

  const openStream = (startOffset: number): StreamControl => {
    if (!Number.isSafeInteger(startOffset) || startOffset < 0) throw new Error(`bad stream offset ${startOffset}`);
    lastStream = lastStream === STREAM_MAX ? 1 : lastStream + 1;
    const stream = lastStream;
    const control = createStreamWriter(stream, startOffset, {
      sendBinary: outbox.sendBinary,
      sendEnd: (reason) => outbox.sendText(JSON.stringify({ t: 'end', stream, reason })),
      busy: outbox.busy,
      onOver: () => streams.delete(stream),
    });
    if (over) control.abandon();
    else streams.set(stream, control);
    return control;
  };

  outbox.onRelief(() => {
    topics?.relief();
    // One piece a stream and round, so that a flood does not keep a quiet terminal waiting.
    let moved = true;
    while (moved) {
      moved = false;
      for (const control of [...streams.values()]) moved = control.pump() || moved;
    }
  });

  type Refusal = readonly ['config' | 'unauthorized' | 'validation', string];
  const greet = (frame: Frame): Refusal | null => {
    const json = typeof frame === 'string' && frame.length <= 16_384 ? parseJson(frame) : undefined;
    const parsed = HelloMessage.safeParse(json);
    if (!parsed.success) return ['validation', 'the first frame must be a hello'];
    const { protocol, contract: wanted, build, token, most } = parsed.data;
    if (wanted !== contract.name) {
      return ['config', `wrong door: this is "${contract.name}", the client asked for "${wanted}"`];
    }
    if (protocol !== contract.protocol) {
      const words = `this client (${build}) speaks ${protocol}, the server (${options.build}) speaks ${contract.protocol}`;
      return ['config', `protocol mismatch: ${words}; restart the older of the two`];
    }
    const granted = options.authorize({ protocol, contract: wanted, build, ...(token === undefined ? {} : { token }) });
    // A wish only ever takes away.
    const earned = granted !== null && most !== undefined && allows(granted, most) ? most : granted;
    if (earned === null) return ['unauthorized', 'not signed in: the token is missing, wrong or expired'];
    cancelHello();
    scope = earned;
    rpc = createRpcServer({
      contract,
      handlers: options.handlers,
      scope: earned,
      connection,
      sendText: outbox.sendText,
      openStream,
      log,
      validate: options.validate ?? false,
      explain: options.explain ?? (() => null),
    });
    topics = createTopicSender(contract, hub, outbox.sendText, outbox.busy);
    // Past the outbox, whose count of characters begins after the welcome.
    channel.send(
      JSON.stringify({
        t: 'welcome',
        protocol: contract.protocol,
        epoch: options.epoch,
        build: options.build,
        serverTime: new Date(scheduler.now()).toISOString(),
        scope: earned,
      }),
    );
    return null;
  };

  // The readers answer what is wrong with a frame, null when nothing is.
  const onBinary = (frame: Uint8Array): string | null => {
    const decoded = decodeBinary(frame);
    if (decoded === null || decoded.kind === 'bytes') return 'unreadable binary frame';
    // A stream that is over is not in the table: late acks for it are normal.
    const control = streams.get(decoded.stream);
    if (decoded.kind === 'close') control?.abandon();
    else if (control?.acknowledge(decoded.offset) === false) return 'ack of bytes that were never sent';
    return null;
  };

  const onText = (text: string, calls: RpcServer, subscriptions: TopicSender): string | null => {
    if (exceeds(text, LIMITS.frameBytes)) return `frame larger than ${LIMITS.frameBytes} bytes`;
    const json = parseJson(text);
    if (json === undefined) return 'a text frame must be JSON';
    const parsed = ClientMessage.safeParse(json);
    if (!parsed.success) return 'unknown or malformed message';
    const message = parsed.data;
    switch (message.t) {
      case 'q':
        if (!Object.hasOwn(contract.procedures, message.m)) return `unknown procedure "${message.m}"`;
        calls.request(message);
        return null;
      case 'cancel':
        calls.cancel(message.call);
        return null;
      case 'subscribe':
        if (!Object.hasOwn(contract.topics, message.topic)) return `unknown topic "${message.topic}"`;
        subscriptions.subscribe(message.topic, message.epoch === options.epoch ? (message.seq ?? null) : null);
        return null;
      case 'unsubscribe':
        subscriptions.unsubscribe(message.topic);
        return null;
      case 'seen':
        return outbox.seen(message.characters) ? null : 'more text seen than was sent';
      case 'bye':
        channel.close(message.reason);
        return null;
      default:
        return assertNever(message);
    }
  };

  const removeFrames = channel.onFrame((frame) => {
    if (over) return;
    try {
      if (rpc === null || topics === null) {
        const refusal = greet(frame);
        if (refusal !== null) refuse(...refusal);
        return;
      }
      const wrong = typeof frame === 'string' ? onText(frame, rpc, topics) : onBinary(frame);
      if (wrong !== null) broken(wrong);
    } catch (error) {
      // A bug of ours met by one client's frame must not take the process and the other clients with it.
      log('error', 'unexpected error while reading a frame', {
        connection,
        stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      close('internal error while reading a frame; the log has the details');
    }
  });

  channel.onClose(() => {
    over = true;
    cancelHello();
    removeFrames();
    topics?.close();
    rpc?.close();
    outbox.close();
    for (const control of [...streams.values()]) control.abandon();
  });

  return {
    connection,
    get scope() {
      return scope;
    },
    close,
    onClose: channel.onClose,
  };
}
