import { LIMITS } from '../../limits.ts';
import type { Frame } from '../channel.ts';
import { connectClient } from '../client.ts';
import { encodeBinary } from '../frames.ts';
import { createManualScheduler } from '../manualScheduler.ts';
import {
  type ConformanceCase,
  check,
  connectProbe,
  createProbeServer,
  errorOf,
  inbox,
  probeContract,
  same,
  succeeded,
  type Transport,
} from './probe.ts';

/** Channels, handshake and calls. */
export const callCases: readonly ConformanceCase[] = [
  {
    name: 'frames arrive in order, text and bytes alike',
    async run(transport) {
      const { server, client } = await transport.open();
      const seen = inbox<string>();
      server.onFrame((frame) => seen.push(typeof frame === 'string' ? frame : `bytes ${frame[0]}`));
      for (let index = 0; index < 200; index += 1) {
        client.send(index % 3 === 0 ? new Uint8Array([index]) : `text ${index}`);
      }
      for (let index = 0; index < 200; index += 1) {
        same(await seen.next(), index % 3 === 0 ? `bytes ${index}` : `text ${index}`, 'frame');
      }
      client.close();
    },
  },
  {
    name: 'the largest frames and every byte value arrive intact',
    async run(transport) {
      const { server, client } = await transport.open();
      const seen = inbox<Frame>();
      client.onFrame(seen.push);
      const text = 'é"\\\u{1f600}'.repeat(LIMITS.frameBytes / 16);
      const bytes = new Uint8Array(LIMITS.frameBytes).map((_, index) => index & 0xff);
      server.send(text);
      server.send(bytes);
      // A view into a larger buffer travels alone.
      server.send(bytes.subarray(1_000, 1_256));
      check((await seen.next()) === text, 'large text changed');
      const large = await seen.next();
      check(typeof large !== 'string' && large.byteLength === bytes.byteLength, 'large bytes have another length');
      check(
        large.every((value, index) => value === (index & 0xff)),
        'large bytes changed',
      );
      const view = await seen.next();
      check(typeof view !== 'string' && view.byteLength === 256 && view[0] === (1_000 & 0xff), 'view changed');
      client.close();
    },
  },
  {
    name: 'frames before the first listener are kept, and the end is told once to each side',
    async run(transport) {
      const { server, client } = await transport.open();
      const ends = inbox<string>();
      client.send('early 1');
      client.send('early 2');
      server.onClose((reason) => ends.push(`server ${reason !== ''}`));
      client.onClose((reason) => ends.push(`client ${reason}`));
      const seen = inbox<Frame>();
      server.onFrame(seen.push);
      same([await seen.next(), await seen.next()], ['early 1', 'early 2'], 'kept frames');
      client.close('enough');
      client.close('again');
      client.send('after the end');
      same([await ends.next(), await ends.next()].sort(), ['client enough', 'server true'], 'ends');
      const late = inbox<string>();
      client.onClose(late.push);
      same(await late.next(), 'enough', 'a late listener');
      same([ends.all.length, seen.all.length], [2, 2], 'nothing after the end');
    },
  },
  {
    name: 'the welcome says scope, epoch and build',
    async run(transport) {
      const { client, session } = await connectProbe(transport, { token: 'control' });
      const { scope, epoch, build, protocol, serverTime } = client.welcome;
      same([scope, epoch, build, protocol], ['control', 'epoch-1', 'server-build', 7], 'welcome');
      check(/^\d{4}-.*\.\d{3}Z$/.test(serverTime), 'server time is ISO 8601 with Z');
      same(session.scope, 'control', 'scope of the session');
      client.close();
    },
  },
  {
    name: 'a wrong protocol, contract, token or first frame is refused with a readable reason',
    async run(transport) {
      const attempt = async (hello: object) => {
        const pair = await transport.open();
        createProbeServer(transport.scheduler).serve(pair.server);
        const { scheduler } = transport;
        return errorOf(
          await connectClient({
            contract: probeContract,
            channel: pair.client,
            hello: { build: 'b', token: 'admin', ...hello },
            scheduler,
          }),
        );
      };
      const protocol = await attempt({ protocol: 9 });
      same(protocol.tag, 'config', 'tag');
      check(/protocol mismatch: .* speaks 9, .* speaks 7/.test(protocol.message), protocol.message);
      check(/wrong door/.test((await attempt({ contract: 'other' })).message), 'other contract');
      same((await attempt({ token: 'forged' })).tag, 'unauthorized', 'wrong token');
      same((await attempt({ protocol: 'text' })).tag, 'validation', 'malformed hello');

      const pair = await transport.open();
      createProbeServer(transport.scheduler).serve(pair.server);
      const end = inbox<string>();
      pair.client.onClose(end.push);
      const frames = inbox<Frame>();
      pair.client.onFrame(frames.push);
      pair.client.send(new Uint8Array(20));
      check(String(await frames.next()).includes('the first frame must be a hello'), 'bytes before the hello');
      await end.next();
    },
  },
  {
    name: 'a client that says nothing is cut off after the hello timeout',
    async run(transport) {
      const { server, client } = await transport.open();
      const clock = createManualScheduler();
      createProbeServer(transport.scheduler).serve(server, clock);
      const end = inbox<string>();
      client.onClose(end.push);
      const frames = inbox<Frame>();
      client.onFrame(frames.push);
      clock.advance(LIMITS.helloTimeoutMs - 1);
      check(frames.all.length === 0, 'cut off too early');
      clock.advance(1);
      check(String(await frames.next()).includes('no hello within 5 seconds'), 'reason');
      await end.next();
    },
  },
  {
    name: 'a call answers, also a thousand at once',
    async run(transport) {
      const { client } = await connectProbe(transport);
      const answers = await Promise.all(
        Array.from({ length: 1_000 }, (_, index) => client.call('echo', { text: `n${index}` })),
      );
      for (const [index, answer] of answers.entries()) same(succeeded(answer), { text: `n${index}` }, 'answer');
      client.close();
    },
  },
  {
    name: 'an answer larger than a frame travels in parts, and calls after it still answer',
    async run(transport) {
      const { client } = await connectProbe(transport);
      const large = client.call('repeat', { text: 'ä"\u{1f600}\n', times: 700_000 });
      const small = client.call('echo', { text: 'after' });
      const larger = client.call('repeat', { text: 'z', times: 5_000_000 });
      check(succeeded(await large).text === 'ä"\u{1f600}\n'.repeat(700_000), 'large answer changed');
      same(succeeded(await small), { text: 'after' }, 'small answer');
      check(succeeded(await larger).text === 'z'.repeat(5_000_000), 'second large answer changed');
      client.close();
    },
  },
  {
    name: 'an input larger than a frame is refused before it leaves',
    async run(transport) {
      const { client } = await connectProbe(transport);
      const refused = errorOf(await client.call('echo', { text: 'x'.repeat(LIMITS.frameBytes) }));
      same(refused.tag, 'validation', 'tag');
      same(succeeded(await client.call('echo', { text: 'still here' })), { text: 'still here' }, 'next call');
      client.close();
    },
  },
  {
    name: 'a typed error arrives whole; bad input names its field',
    async run(transport) {
      const { client } = await connectProbe(transport);
      const expected = { tag: 'conflict', message: 'the branch is taken', field: 'branch', data: { files: ['a'] } };
      same(errorOf(await client.call('refuse', {})), expected, 'typed error');
      const invalid = await client.call('bounded', { cols: 1 });
      check(!invalid.ok && invalid.error.tag === 'validation', 'validation');
      check(invalid.error.field === 'cols' && invalid.error.message.startsWith('cols: '), invalid.error.message);
      client.close();
    },
  },
  {
    name: 'an exception and a broken output become internal errors whose stack stays in the log',
    async run(transport) {
      const { client, server } = await connectProbe(transport);
      const exploded = errorOf(await client.call('explode', {}));
      same(exploded.tag, 'internal', 'tag');
      check(!exploded.message.includes('secret'), 'the detail left the server');
      const line = server.log.find((entry) => String(entry.data?.stack).includes('secret detail'));
      check(line !== undefined && exploded.message.includes(String(line.data?.id)), 'the log has the id');
      same(errorOf(await client.call('lie', {})).tag, 'internal', 'broken output');
      client.close();
    },
  },
  {
    name: 'cancel reaches the handler and ends the call at once',
    async run(transport) {
      const { client, server } = await connectProbe(transport);
      const controller = new AbortController();
      const call = client.call('hang', {}, { signal: controller.signal });
      await server.hanging.next();
      controller.abort();
      same(errorOf(await call).tag, 'cancelled', 'tag');
      await server.aborted.next();
      same(errorOf(await client.call('echo', { text: '' }, { signal: controller.signal })).tag, 'cancelled', 'late');
      same(succeeded(await client.call('echo', { text: 'on' })), { text: 'on' }, 'next call');
      client.close();
    },
  },
  {
    name: 'a call that takes too long times out and is cancelled',
    async run(transport) {
      const { client, server } = await connectProbe(transport);
      const call = client.call('hang', {}, { timeoutMs: 20 });
      same(errorOf(await call).tag, 'timeout', 'tag');
      await server.aborted.next();
      client.close();
    },
  },
  {
    name: 'the reason of a close reaches the other side, and calls under way fail as unavailable',
    async run(transport) {
      const { client, server, session } = await connectProbe(transport);
      const reason = inbox<string>();
      client.onClose(reason.push);
      const call = client.call('hang', {});
      await server.hanging.next();
      session.close('the engine restarts for an update');
      same(await reason.next(), 'the engine restarts for an update', 'reason');
      const failed = errorOf(await call);
      same([failed.tag, failed.message], ['unavailable', 'the engine restarts for an update'], 'call');
      await server.aborted.next();
      same(errorOf(await client.call('echo', { text: '' })).tag, 'unavailable', 'later call');
    },
  },
  {
    name: 'a client that goes away aborts its calls and tells the server why',
    async run(transport) {
      const { client, server, session } = await connectProbe(transport);
      const reason = inbox<string>();
      session.onClose(reason.push);
      void client.call('hang', {});
      await server.hanging.next();
      client.close();
      await server.aborted.next();
      same(await reason.next(), 'closed by this side', 'reason');
    },
  },
  {
    name: 'a scope holds: read cannot act, control cannot shut down, admin can',
    async run(transport) {
      const reader = await connectProbe(transport, { token: 'read' });
      same(succeeded(await reader.client.call('echo', { text: 'a' })), { text: 'a' }, 'read');
      same(errorOf(await reader.client.call('change', {})).tag, 'unauthorized', 'read changes');
      const actor = await connectProbe(transport, { token: 'control' });
      same(succeeded(await actor.client.call('change', {})), { scope: 'control' }, 'control changes');
      same(errorOf(await actor.client.call('shutdown', {})).tag, 'unauthorized', 'control shuts down');
      const owner = await connectProbe(transport);
      same(succeeded(await owner.client.call('shutdown', {})), {}, 'admin shuts down');
      for (const { client } of [reader, actor, owner]) client.close();
    },
  },
  {
    name: 'a client that wants to be let do less is held to it, and one that wants more earns no more',
    async run(transport) {
      const modest = await connectProbe(transport, { token: 'admin', most: 'read' });
      same(modest.client.welcome.scope, 'read', 'scope of the modest one');
      same(errorOf(await modest.client.call('change', {})).tag, 'unauthorized', 'the modest one changes');
      const greedy = await connectProbe(transport, { token: 'read', most: 'admin' });
      same(greedy.client.welcome.scope, 'read', 'scope of the greedy one');
      same(errorOf(await greedy.client.call('shutdown', {})).tag, 'unauthorized', 'the greedy one shuts down');
      for (const { client } of [modest, greedy]) client.close();
    },
  },
  ...badFrameCases(),
];

function badFrameCases(): readonly ConformanceCase[] {
  const bad: readonly (readonly [string, Frame, RegExp])[] = [
    ['text that is no JSON', '{"t":', /must be JSON/],
    ['a message of unknown kind', '{"t":"dance"}', /unknown or malformed/],
    ['a null message', 'null', /unknown or malformed/],
    ['a request without its call number', '{"t":"q","i":"1","m":"echo","a":[{}]}', /unknown or malformed/],
    ['an unknown procedure', '{"t":"q","i":"1","m":"no.such","a":[{},1]}', /unknown procedure "no\.such"/],
    [
      'a procedure named like a property of every object',
      '{"t":"q","i":"1","m":"constructor","a":[{},1]}',
      /unknown proc/,
    ],
    ['an unknown topic', '{"t":"subscribe","topic":"__proto__"}', /unknown topic/],
    ['bytes too short for a frame', new Uint8Array([1, 2, 3]), /unreadable binary/],
    ['bytes of unknown kind', new Uint8Array(13).fill(9), /unreadable binary/],
  ];
  const one = ([what, frame, reason]: (typeof bad)[number]): ConformanceCase => ({
    name: `${what} ends that one connection with a readable reason`,
    run: (transport) => cutOff(transport, () => frame, reason),
  });
  return [
    ...bad.map(one),
    {
      name: 'an ack of bytes never sent ends that one connection with a readable reason',
      run: (transport) =>
        cutOff(transport, (stream) => encodeBinary({ kind: 'ack', stream, offset: 10 }), /never sent/),
    },
  ];
}

/** Says hello by hand, sends one bad frame, and expects a reason while another client of the same server goes on. */
async function cutOff(transport: Transport, frame: (stream: number) => Frame, reason: RegExp): Promise<void> {
  const server = createProbeServer(transport.scheduler);
  const other = await connectProbe(transport, { server });
  const pair = await transport.open();
  server.serve(pair.server);
  const frames = inbox<Frame>();
  const end = inbox<string>();
  pair.client.onFrame(frames.push);
  pair.client.onClose(end.push);
  pair.client.send(JSON.stringify({ t: 'hello', protocol: 7, contract: 'probe', build: 'b', token: 'admin' }));
  check(String(await frames.next()).includes('welcome'), 'welcome');
  pair.client.send(JSON.stringify({ t: 'q', i: 'x', m: 'source', a: [{ start: 0 }, 1] }));
  const answer = JSON.parse(String(await frames.next()));
  pair.client.send(frame(answer.r.value.stream));
  const last = JSON.parse(String(await frames.next()));
  check(last.t === 'bye' && reason.test(last.reason), `last words: ${JSON.stringify(last)}`);
  await end.next();
  same(succeeded(await other.client.call('echo', { text: 'unharmed' })), { text: 'unharmed' }, 'the other client');
  other.client.close();
}
