import { expect, test } from 'vitest';
import { fail, ok } from '../../contract/result.ts';
import { createManualScheduler } from '../../contract/wire/manualScheduler.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { createProjectClosing } from './closeProject.ts';
import { createDesktop } from './desktop.ts';
import type { EngineHost, EngineLink } from './engineHost.ts';

function setUp(options: { readonly answer?: number; readonly working?: readonly string[] } = {}) {
  const did: string[] = [];
  let answered: () => void = () => {};
  const question = new Promise<void>((resolve) => {
    answered = resolve;
  });
  let handedOver: () => void = () => {};
  const background = new Promise<void>((resolve) => {
    handedOver = resolve;
  });
  const createHost = (projectRoot: string): EngineHost => {
    const link: EngineLink = {
      mode: 'embedded',
      startedHere: true,
      projectRoot,
      open: async () => ok(createMemoryPair()[0]),
      close: async () => {},
    };
    return {
      projectRoot,
      link,
      open: async () => fail('unavailable', 'nothing to watch here'),
      close: async () => void did.push(`release ${projectRoot}`),
    };
  };
  const desktop = createDesktop({
    createHost,
    scheduler: createManualScheduler(),
    onRoom: () => {},
    onProject: (root) => did.push(`front ${root}`),
  });
  const closing = createProjectClosing({
    dialog: {
      showMessageBox: (async () => {
        did.push('ask');
        await question;
        return { response: options.answer ?? 0, checkboxChecked: false };
      }) as Electron.Dialog['showMessageBox'],
    },
    desktop,
    roomOf: ({ host }) => ({
      link: () => host.link,
      working: () => options.working ?? [],
      stopAgents: async (names) => void did.push(`stop ${names.join(' ')}`),
      endEngine: async () => void did.push('end'),
      startBackground: async (root) => {
        did.push(`background ${root}`);
        await background;
      },
      say: (line) => did.push(line),
    }),
    onClosed: (root) => did.push(`closed ${root}`),
  });
  desktop.open('/a');
  did.length = 0;
  return { desktop, closing, did, answered, handedOver };
}

test('a project without work is closed without a question, and its engine is let go of', async () => {
  const { desktop, closing, did } = setUp();
  expect(await closing.close('/a')).toBe(true);
  expect(did.slice(0, 3)).toEqual(['front null', 'closed /a', 'release /a']);
  expect(desktop.projects.size).toBe(0);
  expect(await closing.close('/a')).toBe(false);
});

test('while agents work it asks once, and cancelled it stays', async () => {
  const { desktop, closing, did, answered } = setUp({ working: ['amy'], answer: 2 });
  const first = closing.close('/a');
  expect(await closing.close('/a')).toBe(false);
  answered();
  expect(await first).toBe(false);
  expect(did).toEqual(['ask']);
  expect(desktop.front?.host.projectRoot).toBe('/a');
});

test('agents that are to stop end before their engine', async () => {
  const { closing, did, answered } = setUp({ working: ['amy', 'bob'], answer: 1 });
  answered();
  expect(await closing.close('/a')).toBe(true);
  expect(did.slice(0, 5)).toEqual(['ask', 'front null', 'closed /a', 'stop amy bob', 'release /a']);
});

test('kept running, the engine lets go before the background one starts, and whoever opens it again waits for that', async () => {
  const { closing, did, answered, handedOver } = setUp({ working: ['amy'] });
  answered();
  const closed = closing.close('/a');
  await expect.poll(() => did.at(-1)).toBe('background /a');
  expect(did.slice(0, 4)).toEqual(['ask', 'front null', 'closed /a', 'release /a']);
  let free = false;
  const settled = closing.settled('/a').then(() => {
    free = true;
  });
  await closing.settled('/another');
  expect(free).toBe(false);
  handedOver();
  expect(await closed).toBe(true);
  await settled;
  await closing.settled();
});

test('a project that went while its question was open is left alone', async () => {
  const { desktop, closing, did, answered } = setUp({ working: ['amy'], answer: 1 });
  const closed = closing.close('/a');
  desktop.detach('/a')?.watch.close();
  answered();
  expect(await closed).toBe(false);
  expect(did).toEqual(['ask', 'front null']);
});
