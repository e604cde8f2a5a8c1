import { expect, test } from 'vitest';
import { ok } from '../../contract/result.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import type { EngineLink } from './engineHost.ts';
import { planQuit, type QuitRoom, quitRooms } from './quit.ts';

test.each([
  [null, 0, null, 'letGo'],
  ['embedded', 0, null, 'letGo'],
  ['embedded', 2, null, 'ask'],
  ['embedded', 2, 'keepRunning', 'handOver'],
  ['embedded', 2, 'stopAgents', 'stopThenLetGo'],
  ['embedded', 2, 'cancel', 'stay'],
  ['attached', 0, null, 'letGo'],
  ['attached', 2, null, 'ask'],
  ['attached', 2, 'keepRunning', 'letGo'],
  ['attached', 2, 'stopAgents', 'stopThenLetGo'],
  ['attached', 2, 'cancel', 'stay'],
] as const)('engine %s, %i working, choice %s: %s', (mode, working, choice, kind) => {
  expect(planQuit({ mode, working, choice }).kind).toBe(kind);
});

interface Options {
  readonly startedHere?: boolean;
  readonly working?: readonly string[];
  readonly backgroundFails?: boolean;
}

function setUp(mode: EngineLink['mode'], answer: number, options: Options = {}) {
  const did: string[] = [];
  const quit = quitRooms(dialogOf(answer, did), [roomOf(mode, did, options)]);
  return { quit, did };
}

/** Presses the same button whenever it is asked. */
function dialogOf(answer: number, did: string[], asked = () => {}): Pick<Electron.Dialog, 'showMessageBox'> {
  return {
    showMessageBox: (async () => {
      did.push('ask');
      asked();
      return { response: answer, checkboxChecked: false };
    }) as Electron.Dialog['showMessageBox'],
  };
}

function roomOf(mode: EngineLink['mode'], did: string[], options: Options = {}): QuitRoom {
  const link: EngineLink = {
    mode,
    startedHere: options.startedHere ?? mode === 'embedded',
    projectRoot: '/shop',
    open: async () => ok(createMemoryPair()[0]),
    close: async () => void did.push('close'),
  };
  return {
    link: () => link,
    letGo: () => link.close(),
    working: () => options.working ?? ['amy', 'bob'],
    endEngine: async () => void did.push('end'),
    stopAgents: async (names) => void did.push(`stop ${names.join(' ')}`),
    startBackground: async (root) => {
      did.push(`background ${root}`);
      if (options.backgroundFails === true) throw new Error('no port');
    },
    say: (line) => did.push(line),
  };
}

test('kept running, the engine lets go before the background one starts', async () => {
  const { quit, did } = setUp('embedded', 0);
  expect(await quit).toBe(true);
  expect(did).toEqual(['ask', 'close', 'background /shop']);
});

test('an attached engine is left alone', async () => {
  const { quit, did } = setUp('attached', 0);
  expect(await quit).toBe(true);
  expect(did).toEqual(['ask', 'close']);
});

test('stopped, agents end before the engine', async () => {
  const { quit, did } = setUp('embedded', 1);
  expect(await quit).toBe(true);
  expect(did).toEqual(['ask', 'stop amy bob', 'close']);
});

test('cancelled, nothing happens', async () => {
  const { quit, did } = setUp('embedded', 2);
  expect(await quit).toBe(false);
  expect(did).toEqual(['ask']);
});

test('a background engine that does not start is told, and quitting goes on', async () => {
  const { quit, did } = setUp('embedded', 0, { backgroundFails: true });
  expect(await quit).toBe(true);
  expect(did.at(-1)).toBe('The background engine did not start: no port');
});

test.each([
  ['started here, without work: ends', { startedHere: true, working: [] }, 0, ['end', 'close']],
  ['started elsewhere, without work: stays', { startedHere: false, working: [] }, 0, ['close']],
  ['started here, work kept running: stays', { startedHere: true }, 0, ['ask', 'close']],
  ['started here, agents stopped: ends', { startedHere: true }, 1, ['ask', 'stop amy bob', 'end', 'close']],
  ['started elsewhere, agents stopped: stays', { startedHere: false }, 1, ['ask', 'stop amy bob', 'close']],
])('an engine in another process, %s', async (_, options, answer, expected) => {
  const { quit, did } = setUp('attached', answer, options);
  expect(await quit).toBe(true);
  expect(did).toEqual(expected);
});

test('several projects are asked about once, and one that became busy meanwhile goes on', async () => {
  const did: string[] = [];
  const late: string[] = [];
  const rooms = [
    roomOf('embedded', did),
    roomOf('embedded', did, { working: late }),
    roomOf('attached', did, { working: [], startedHere: true }),
  ];
  expect(
    await quitRooms(
      dialogOf(0, did, () => late.push('cat')),
      rooms,
    ),
  ).toBe(true);
  expect(did).toEqual(['ask', 'close', 'background /shop', 'close', 'background /shop', 'end', 'close']);
});

test('cancelled, no project is left', async () => {
  const did: string[] = [];
  expect(await quitRooms(dialogOf(2, did), [roomOf('attached', did, { working: [] }), roomOf('embedded', did)])).toBe(
    false,
  );
  expect(did).toEqual(['ask']);
});
