import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { build } from 'vite';
import { expect, test } from 'vitest';
import { PORT_CHANNEL, PORT_HAND_OVER } from '../../contract/shell.ts';
import { preloadConfig } from '../build/mainConfig.ts';

type Handler = (event: { source: unknown; origin: string; data: unknown }) => void;

/** Runs the built preload in a bare context with a recording Electron. */
async function loadPreload(): Promise<{
  exposed: Map<string, Record<string, unknown>>;
  handlers: Handler[];
  sent: { channel: string; ports: readonly unknown[] }[];
  posted: { message: unknown; origin: string; ports: readonly unknown[] }[];
  window: unknown;
}> {
  const built = await build({
    ...preloadConfig(),
    logLevel: 'silent',
    build: { ...preloadConfig().build, write: false },
  });
  const chunk = (Array.isArray(built) ? built[0] : built) as { output: { code: string }[] };
  const code = chunk.output[0]?.code ?? '';
  const exposed = new Map<string, Record<string, unknown>>();
  const handlers: Handler[] = [];
  const sent: { channel: string; ports: readonly unknown[] }[] = [];
  const posted: { message: unknown; origin: string; ports: readonly unknown[] }[] = [];
  const electron = {
    contextBridge: { exposeInMainWorld: (name: string, value: Record<string, unknown>) => exposed.set(name, value) },
    ipcRenderer: { postMessage: (channel: string, _: null, ports: unknown[]) => sent.push({ channel, ports }) },
  };
  const window = {
    addEventListener: (_: string, handler: Handler) => handlers.push(handler),
    postMessage: (message: unknown, origin: string, ports: unknown[]) => posted.push({ message, origin, ports }),
  };
  runInNewContext(code, {
    require: (name: string) => (name === 'electron' ? electron : undefined),
    module: { exports: {} },
    exports: {},
    process: { platform: 'linux', versions: { electron: '1', chrome: '2', node: '3' } },
    location: { origin: 'app://control' },
    window,
    MessageChannel: class {
      port1 = {};
      port2 = {};
    },
  });
  return { exposed, handlers, sent, posted, window };
}

test('the page sees exactly four names, all of them data', async () => {
  const { exposed } = await loadPreload();
  expect([...exposed.keys()]).toEqual(['shell']);
  const shell = exposed.get('shell') ?? {};
  expect(Object.keys(shell)).toEqual(['kind', 'platform', 'versions', 'onPort']);
  expect(structuredClone(shell)).toEqual({
    kind: 'desktop',
    platform: 'linux',
    versions: { electron: '1', chrome: '2', node: '3' },
    onPort: PORT_HAND_OVER,
  });
});

test('a proper question is answered with two ports, once each side', async () => {
  const { handlers, sent, posted, window } = await loadPreload();
  expect(handlers).toHaveLength(1);
  handlers[0]?.({ source: window, origin: 'app://control', data: { type: 'connect', nonce: 'n1' } });
  expect(sent).toEqual([{ channel: PORT_CHANNEL, ports: [{}, {}] }]);
  expect(posted).toEqual([{ message: { type: 'connected', nonce: 'n1' }, origin: 'app://control', ports: [{}, {}] }]);
});

test.each([
  ['another window', { source: {}, origin: 'app://control', data: { type: 'connect', nonce: 'n' } }],
  ['another origin', { source: 'window', origin: 'https://example.org', data: { type: 'connect', nonce: 'n' } }],
  ['no nonce', { source: 'window', origin: 'app://control', data: { type: 'connect' } }],
  ['an endless nonce', { source: 'window', origin: 'app://control', data: { type: 'connect', nonce: 'n'.repeat(65) } }],
  ['another message', { source: 'window', origin: 'app://control', data: { type: 'connected', nonce: 'n' } }],
  ['nothing', { source: 'window', origin: 'app://control', data: null }],
])('%s gets no port', async (_, event) => {
  const { handlers, sent, posted, window } = await loadPreload();
  handlers[0]?.({ ...event, source: event.source === 'window' ? window : event.source });
  expect(sent).toEqual([]);
  expect(posted).toEqual([]);
});

test('the preload stays within 40 lines', async () => {
  const source = await readFile(join(import.meta.dirname, '../../preload/index.ts'), 'utf8');
  expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
});
