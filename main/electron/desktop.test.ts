import { expect, test } from 'vitest';
import { fail } from '../../contract/result.ts';
import type { ShellMessage } from '../../contract/shell.ts';
import { createManualScheduler } from '../../contract/wire/manualScheduler.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { createDesktop, type DesktopDependencies } from './desktop.ts';
import type { EngineHost } from './engineHost.ts';

function setUp(may = true) {
  const projects: (string | null)[] = [];
  const left: string[] = [];
  const createHost = (projectRoot: string): EngineHost => ({
    projectRoot,
    link: null,
    open: async () => fail('unavailable', `no engine for ${projectRoot}`),
    close: async () => {},
  });
  const dependencies: DesktopDependencies = {
    createHost,
    scheduler: createManualScheduler(),
    onRoom: () => {},
    onProject: (root) => projects.push(root),
    leave: async (host) => {
      left.push(host.projectRoot);
      return may;
    },
  };
  const desktop = createDesktop(dependencies);
  const messages: ShellMessage[] = [];
  return {
    desktop,
    projects,
    left,
    messages,
    port: { send: (m: ShellMessage) => void messages.push(m), close: () => {} },
  };
}

test('a page that comes late hears what is open first, then what it missed', () => {
  const { desktop, messages, port } = setUp();
  desktop.setRecent(['/code/shop']);
  desktop.navigate({ screen: 'mail' });
  desktop.adoptPort(port);
  expect(messages).toEqual([
    { type: 'project', project: null, recent: [{ root: '/code/shop', name: 'shop' }], problem: null },
    { type: 'navigate', target: { screen: 'mail' } },
  ]);
});

test('without a project a page is told so', async () => {
  const { desktop } = setUp();
  const [page, end] = createMemoryPair();
  const closed = new Promise((resolve) => void page.onClose(resolve));
  desktop.servePage(end);
  expect(await closed).toBe('no project is open');
});

test('the reason why a project has no engine reaches the page', async () => {
  const { desktop, messages, port } = setUp();
  desktop.adoptPort(port);
  await desktop.open('/code/shop');
  await new Promise((resolve) => setImmediate(resolve));
  expect(messages.at(-1)).toMatchObject({ project: { name: 'shop' }, problem: 'no engine for /code/shop' });
  desktop.closeWatch();
});

test('another project takes over when the first may be left, and not otherwise', async () => {
  const free = setUp();
  await free.desktop.open('/a');
  await free.desktop.open('/a');
  await free.desktop.open('/b');
  expect([free.left, free.projects, free.desktop.host?.projectRoot]).toEqual([['/a'], ['/a', '/b'], '/b']);
  const held = setUp(false);
  await held.desktop.open('/a');
  await held.desktop.open('/b');
  expect(held.desktop.host?.projectRoot).toBe('/a');
  free.desktop.closeWatch();
  held.desktop.closeWatch();
});
