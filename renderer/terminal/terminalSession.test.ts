import { afterEach, describe, expect, test } from 'vitest';
import { fail, ok } from '../../contract/result.ts';
import { type RoomHandlers, roomContract } from '../../contract/room.ts';
import type { AttachTerminalInput } from '../../contract/terminals.ts';
import type { StreamWriter } from '../../contract/wire/definition.ts';
import { createManualScheduler } from '../../contract/wire/manualScheduler.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { type ServerSession, serveClient } from '../../contract/wire/server.ts';
import { createTopicHub } from '../../contract/wire/topicHub.ts';
import { pageScheduler } from '../app/page.ts';
import { createRoomLink, type RoomLink } from '../client/link.ts';
import {
  createTerminalSession,
  type SessionState,
  type TerminalScreen,
  type TerminalSession,
} from './terminalSession.ts';
import { createFrameBudget } from './writeCoalescer.ts';

const scheduler = pageScheduler();

/** A terminal host behind the real wire: what it was asked, and the streams it writes to. */
function host() {
  const hub = createTopicHub({ contract: roomContract, scheduler });
  const attaches: AttachTerminalInput[] = [];
  const streams: StreamWriter[] = [];
  const writes: string[] = [];
  const sizes: unknown[] = [];
  const sessions: ServerSession[] = [];
  const state = { snapshot: 'screen' as string | null, offset: 1_000, absent: false, refuseInput: false };
  // Only the terminals' procedures are called here.
  const handlers = {
    'terminals.attach'(input: AttachTerminalInput, context: { openStream(start: number): StreamWriter }) {
      attaches.push(input);
      if (state.absent) return fail('notFound', 'there is no terminal t');
      const exact = input.anchor !== undefined && state.snapshot === null;
      const offset = exact ? (input.anchor?.offset ?? 0) : state.offset;
      const writer = context.openStream(offset);
      streams.push(writer);
      const anchor = { epoch: 'e', offset };
      return ok({ stream: writer.stream, anchor, snapshot: state.snapshot, size: input.size, running: true });
    },
    'terminals.write'(input: { data: string }) {
      if (state.refuseInput) return fail('invalidState', 'no process runs');
      writes.push(input.data);
      return ok({});
    },
    'terminals.resize'(input: { size: unknown }) {
      sizes.push(input.size);
      return ok({});
    },
  } as unknown as RoomHandlers;
  const link = createRoomLink(
    {
      refusalEnds: false,
      token: () => null,
      async open() {
        const [mine, theirs] = createMemoryPair();
        sessions.push(
          serveClient({
            contract: roomContract,
            channel: theirs,
            handlers,
            hub,
            authorize: () => 'admin',
            scheduler,
            log: () => {},
            epoch: 'engine',
            build: 'test',
          }),
        );
        return ok(mine);
      },
    },
    scheduler,
  );
  return { attaches, streams, writes, sizes, sessions, state, link };
}

/** A screen that keeps what it is told and parses when the test says so. */
function recorder() {
  const held: (() => void)[] = [];
  let size = { cols: 80, rows: 24 };
  let text = '';
  let holding = false;
  const screen: TerminalScreen = {
    size: () => size,
    resize(next) {
      size = next;
    },
    write(data, parsed) {
      text += typeof data === 'string' ? data : new TextDecoder().decode(data);
      if (holding) held.push(parsed);
      else parsed();
    },
  };
  return {
    screen,
    get text() {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out.
      return text.replace(/\x1b(c|\[\?2026[hl])/g, '|');
    },
    hold() {
      holding = true;
    },
    parse() {
      holding = false;
      for (const run of held.splice(0)) run();
    },
  };
}

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

function watch({ frames = true } = {}) {
  const end = host();
  const shown = recorder();
  const time = createManualScheduler();
  const refused: string[] = [];
  const session = createTerminalSession({
    id: 't',
    link: end.link,
    screen: shown.screen,
    frames: createFrameBudget({
      now: () => performance.now(),
      frame(run) {
        if (frames) setTimeout(run, 0);
      },
      after(milliseconds, run) {
        const timer = setTimeout(run, milliseconds);
        return () => clearTimeout(timer);
      },
    }),
    after: time.after,
    onInputRefused: (error) => refused.push(error.message),
  });
  cleanups.push(() => {
    session.dispose();
    end.link.close();
  });
  return { ...end, shown, session, time, refused };
}

function until(session: TerminalSession, kind: SessionState['kind']): Promise<SessionState> {
  return new Promise((resolve) => {
    const look = (state: SessionState) => {
      if (state.kind !== kind) return;
      stop();
      resolve(state);
    };
    const stop = session.state.subscribe(look);
    look(session.state.getState());
  });
}

/** Waits until a condition holds; the wire needs a few turns of the event loop. */
async function eventually(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(holds()).toBe(true);
}

const bytes = (text: string) => new TextEncoder().encode(text);

async function online(link: RoomLink): Promise<void> {
  await eventually(() => link.state.getState().kind === 'online');
}

describe('terminal session', () => {
  test('attaches with the size of the screen, draws the snapshot as one frame, then the stream', async () => {
    const { session, attaches, streams, shown } = watch();
    session.show();
    await until(session, 'live');
    streams[0]?.write(bytes('more'));
    await eventually(() => shown.text.endsWith('more'));
    expect(attaches).toEqual([{ terminalId: 't', size: { cols: 80, rows: 24 } }]);
    expect(shown.text).toBe('||screen|more');
  });

  test('acknowledges what is parsed, by absolute offset, not what has merely come', async () => {
    const { session, streams, shown } = watch();
    session.show();
    await until(session, 'live');
    shown.hold();
    streams[0]?.write(bytes('12345'));
    await eventually(() => shown.text.endsWith('12345'));
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(streams[0]?.acknowledged).toBe(1_000);
    shown.parse();
    await eventually(() => streams[0]?.acknowledged === 1_005);
  });

  test('hands the screen whole characters, also over a time of being hidden', async () => {
    const { session, streams, shown, state } = watch();
    session.show();
    await until(session, 'live');
    streams[0]?.write(Uint8Array.of(0x61, 0xe2, 0x80));
    await eventually(() => shown.text.endsWith('a') && streams[0]?.acknowledged === 1_003);
    session.hide();
    state.snapshot = null;
    session.show();
    await eventually(() => streams.length === 2);
    streams[1]?.write(Uint8Array.of(0xa6, 0x62));
    await eventually(() => shown.text.endsWith('b'));
    expect(shown.text).toBe('||screen|a…b');
  });

  test('hidden it holds no stream; shown again it goes on from the byte where it stopped', async () => {
    const { session, streams, shown, attaches, state } = watch();
    session.show();
    await until(session, 'live');
    let closed = false;
    streams[0]?.onClose(() => {
      closed = true;
    });
    streams[0]?.write(bytes('abc'));
    await eventually(() => shown.text.endsWith('abc'));
    session.hide();
    await eventually(() => closed);
    state.snapshot = null;
    session.show();
    await until(session, 'live');
    expect(attaches[1]).toMatchObject({ anchor: { epoch: 'e', offset: 1_003 } });
    streams[1]?.write(bytes('def'));
    await eventually(() => shown.text.endsWith('def'));
    expect(shown.text).toBe('||screen|abcdef');
  });

  test('hidden while output waits for a frame, it asks for that output again instead of drawing it for nobody', async () => {
    const { session, attaches, streams, state, shown, refused } = watch({ frames: false });
    session.show();
    await until(session, 'live');
    streams[0]?.write(bytes('drawn'));
    streams[0]?.write(bytes('waits'));
    // An answer that comes after both, so that both have come.
    state.refuseInput = true;
    session.input('k', false);
    await eventually(() => refused.length === 1);
    session.hide();
    expect(shown.text).toBe('||screen|drawn');
    session.show();
    await eventually(() => attaches.length === 2);
    expect(attaches[1]?.anchor).toEqual({ epoch: 'e', offset: 1_005 });
  });

  test('hidden while attaching, the stream that was opened for nobody is closed', async () => {
    const { session, streams, attaches } = watch();
    session.show();
    await eventually(() => attaches.length === 1);
    session.hide();
    let closed = false;
    await eventually(() => streams.length === 1);
    streams[0]?.onClose(() => {
      closed = true;
    });
    await eventually(() => closed);
    expect(session.state.getState()).toEqual({ kind: 'hidden' });
  });

  test('a stream cut off as lagging starts over with a fresh snapshot', async () => {
    const { session, streams, attaches, shown } = watch();
    session.show();
    await until(session, 'live');
    streams[0]?.write(bytes('old'));
    streams[0]?.end('lagging');
    await eventually(() => attaches.length === 2);
    await until(session, 'live');
    expect(attaches[1]).not.toHaveProperty('anchor');
    expect(shown.text.endsWith('||screen|')).toBe(true);
  });

  test('a lost connection is attached again as soon as there is a new one', async () => {
    const { session, sessions, attaches, link } = watch();
    session.show();
    await until(session, 'live');
    sessions[0]?.close('the engine ended');
    expect(await until(session, 'waiting')).toMatchObject({ reason: 'the engine ended' });
    await online(link);
    await until(session, 'live');
    expect(attaches[1]).toMatchObject({ anchor: { offset: 1_000 } });
  });

  test('an absent terminal is said to be absent, and found when it is there', async () => {
    const { session, state } = watch();
    state.absent = true;
    session.show();
    expect(await until(session, 'absent')).toMatchObject({ reason: 'there is no terminal t' });
    state.absent = false;
    session.retry();
    await until(session, 'live');
  });

  test('a closed terminal is not attached again by itself', async () => {
    const { session, streams, attaches } = watch();
    session.show();
    await until(session, 'live');
    streams[0]?.end('closed');
    await until(session, 'absent');
    expect(attaches).toHaveLength(1);
  });

  test('input goes in order and joined while a call is under way; keys wait for a replay, answers to it are dropped', async () => {
    const { session, writes, shown } = watch();
    shown.hold();
    session.show();
    await until(session, 'live');
    session.input('\x1b[0n', false);
    session.input('early ', true);
    shown.parse();
    for (const key of 'hello') session.input(key, true);
    await eventually(() => writes.join('') === 'early hello');
    expect(writes).toEqual(['early ', 'hello']);
  });

  test('keys typed before a terminal could be attached are not sent when it can at last', async () => {
    const { session, state, writes } = watch();
    state.absent = true;
    session.show();
    session.input('rm -rf', true);
    await until(session, 'absent');
    state.absent = false;
    session.retry();
    await until(session, 'live');
    session.input('ls', true);
    await eventually(() => writes.length > 0);
    expect(writes).toEqual(['ls']);
  });

  test('keys that wait behind a call are sent though the terminal is hidden meanwhile', async () => {
    const { session, writes } = watch();
    session.show();
    await until(session, 'live');
    for (const key of 'make') session.input(key, true);
    session.hide();
    await eventually(() => writes.join('') === 'make');
    expect(writes).toEqual(['m', 'ake']);
  });

  test('a large paste goes in pieces the engine takes', async () => {
    const { session, writes } = watch();
    session.show();
    await until(session, 'live');
    const text = '0123456789'.repeat(20_000);
    session.input(text, true);
    await eventually(() => writes.join('').length === text.length);
    expect(writes.join('')).toBe(text);
    expect(writes.every((piece) => piece.length <= 65_536)).toBe(true);
  });

  test('input that is refused is said once', async () => {
    const { session, state, refused } = watch();
    session.show();
    await until(session, 'live');
    state.refuseInput = true;
    session.input('x', true);
    await eventually(() => refused.length > 0);
    expect(refused).toEqual(['no process runs']);
  });

  test('a size is told after a rest, the last one only, and after what was drawn for the old one', async () => {
    const { session, sizes, shown, time } = watch();
    session.show();
    await until(session, 'live');
    session.resize({ cols: 90, rows: 30 });
    time.advance(60);
    session.resize({ cols: 100, rows: 40 });
    time.advance(60);
    expect(shown.screen.size()).toEqual({ cols: 80, rows: 24 });
    shown.hold();
    time.advance(60);
    expect(shown.screen.size()).toEqual({ cols: 80, rows: 24 });
    shown.parse();
    expect(shown.screen.size()).toEqual({ cols: 100, rows: 40 });
    await eventually(() => sizes.length === 1);
    expect(sizes).toEqual([{ cols: 100, rows: 40 }]);
  });

  test('failed attempts are repeated, ever more slowly', async () => {
    const { session, attaches, streams, time } = watch();
    session.show();
    await until(session, 'live');
    streams[0]?.end('the pty host is gone');
    await until(session, 'waiting');
    time.advance(249);
    expect(attaches).toHaveLength(1);
    time.advance(1);
    await until(session, 'live');
    expect(attaches).toHaveLength(2);
  });
});
