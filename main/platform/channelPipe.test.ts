import { expect, test } from 'vitest';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { Channel, Frame } from '../../contract/wire/channel.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { pipeWhenReady, withToken } from './channelPipe.ts';

function collect(channel: Channel): {
  frames: Frame[];
  closed: Promise<string>;
  next: (count: number) => Promise<Frame[]>;
} {
  const frames: Frame[] = [];
  let wake = (): void => {};
  channel.onFrame((frame) => {
    frames.push(frame);
    wake();
  });
  const closed = new Promise<string>((resolve) => void channel.onClose(resolve));
  const next = async (count: number): Promise<Frame[]> => {
    while (frames.length < count) await new Promise<void>((resolve) => (wake = resolve));
    return frames;
  };
  return { frames, closed, next };
}

test('frames sent before the engine is there arrive first, in order, and the way back works', async () => {
  const [page, pageEnd] = createMemoryPair();
  const [engine, engineEnd] = createMemoryPair();
  let ready: (result: Result<Channel>) => void = () => {};
  pipeWhenReady(pageEnd, new Promise((resolve) => (ready = resolve)));
  page.send('one');
  page.send(new Uint8Array([2]));
  await new Promise((resolve) => setImmediate(resolve));
  ready(ok(engineEnd));
  const received = collect(engine);
  const answers = collect(page);
  await received.next(2);
  page.send('three');
  engine.send('answer');
  expect(await received.next(3)).toEqual(['one', new Uint8Array([2]), 'three']);
  expect(await answers.next(1)).toEqual(['answer']);
});

test('an end on either side ends the other with its reason', async () => {
  for (const side of ['page', 'engine'] as const) {
    const [page, pageEnd] = createMemoryPair();
    const [engine, engineEnd] = createMemoryPair();
    pipeWhenReady(pageEnd, Promise.resolve(ok(engineEnd)));
    await new Promise((resolve) => setImmediate(resolve));
    const other = collect(side === 'page' ? engine : page).closed;
    (side === 'page' ? page : engine).close(`${side} left`);
    expect(await other).toBe(`${side} left`);
  }
});

test('an engine that cannot be had tells the page why', async () => {
  const [page, pageEnd] = createMemoryPair();
  const closed = collect(page).closed;
  pipeWhenReady(pageEnd, Promise.resolve(fail('unavailable', 'no engine here')));
  expect(await closed).toBe('no engine here');
});

test('a page that left meanwhile costs the engine nothing', async () => {
  const [page, pageEnd] = createMemoryPair();
  const [engine, engineEnd] = createMemoryPair();
  let ready: (result: Result<Channel>) => void = () => {};
  pipeWhenReady(pageEnd, new Promise((resolve) => (ready = resolve)));
  page.close('gone');
  await new Promise((resolve) => setImmediate(resolve));
  ready(ok(engineEnd));
  expect(await collect(engine).closed).toBe('the page is gone');
});

test('more than 256 waiting frames end the connection', async () => {
  const [page, pageEnd] = createMemoryPair();
  const closed = collect(page).closed;
  pipeWhenReady(pageEnd, new Promise(() => {}));
  for (let index = 0; index <= 256; index += 1) page.send(String(index));
  expect(await closed).toBe('too many calls before the engine was ready');
});

test('the token goes into the hello and into nothing else', async () => {
  const [mine, theirs] = createMemoryPair();
  const received = collect(theirs);
  const channel = withToken(mine, 'secret');
  channel.send(JSON.stringify({ t: 'hello', protocol: 1 }));
  channel.send(JSON.stringify({ t: 'hello', protocol: 1 }));
  const [first, second] = await received.next(2);
  expect(JSON.parse(String(first))).toEqual({ t: 'hello', protocol: 1, token: 'secret' });
  expect(JSON.parse(String(second))).toEqual({ t: 'hello', protocol: 1 });
});

test.each(['not json', '[]', 'null', '{"t":"q"}'])('a first frame %s passes unchanged', async (text) => {
  const [mine, theirs] = createMemoryPair();
  const received = collect(theirs);
  withToken(mine, 'secret').send(text);
  expect(await received.next(1)).toEqual([text]);
});
