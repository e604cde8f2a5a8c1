import { expect, test, vi } from 'vitest';
import { fail, ok } from '../../contract/result.ts';
import type { ShellMessage } from '../../contract/shell.ts';
import type { Channel } from '../../contract/wire/channel.ts';
import { createManualScheduler } from '../../contract/wire/manualScheduler.ts';
import { createMemoryPair } from '../../contract/wire/memoryChannel.ts';
import { createDesktop, type DesktopDependencies } from './desktop.ts';
import type { EngineHost } from './engineHost.ts';

function setUp() {
  const projects: (string | null)[] = [];
  const closed: string[] = [];
  const made: string[] = [];
  const engines: Channel[] = [];
  const createHost = (projectRoot: string): EngineHost => {
    made.push(projectRoot);
    return {
      projectRoot,
      link: null,
      async open() {
        if (projectRoot === '/code/shop') return fail('unavailable', `no engine for ${projectRoot}`);
        const [face, served] = createMemoryPair();
        engines.push(served);
        return ok(face);
      },
      close: async () => void closed.push(projectRoot),
    };
  };
  const dependencies: DesktopDependencies = {
    createHost,
    scheduler: createManualScheduler(),
    onRoom: () => {},
    onProject: (root) => projects.push(root),
  };
  const desktop = createDesktop(dependencies);
  const messages: ShellMessage[] = [];
  return {
    desktop,
    projects,
    closed,
    made,
    engines,
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
    {
      type: 'project',
      project: null,
      recent: [{ root: '/code/shop', name: 'shop' }],
      problem: null,
      makingDemo: false,
    },
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
  desktop.open('/code/shop');
  await new Promise((resolve) => setImmediate(resolve));
  expect(messages.at(-1)).toMatchObject({ project: { name: 'shop' }, problem: 'no engine for /code/shop' });
  desktop.closeWatches();
});

test('another project comes to the front; the first one stays open, and coming back makes nothing anew', async () => {
  const { desktop, projects, made, closed, messages, port } = setUp();
  desktop.adoptPort(port);
  desktop.open('/a');
  desktop.open('/a');
  const [page, end] = createMemoryPair();
  const reason = new Promise((resolve) => void page.onClose(resolve));
  desktop.servePage(end);
  desktop.open('/b');
  expect(await reason).toBe('another project was opened');
  expect(messages.at(-1)).toMatchObject({ type: 'project', project: { root: '/b' } });
  desktop.open('/a');
  expect([projects, made, closed]).toEqual([['/a', '/b', '/a'], ['/a', '/b'], []]);
  expect(desktop.front?.host.projectRoot).toBe('/a');
  expect([...desktop.projects.keys()]).toEqual(['/a', '/b']);
  desktop.closeWatches();
});

test('a project that is not in front is let go of, the one in front is not', async () => {
  const { desktop, closed } = setUp();
  desktop.open('/a');
  desktop.open('/b');
  await desktop.drop('/b');
  await desktop.drop('/a');
  expect(closed).toEqual(['/a']);
  expect([...desktop.projects.keys()]).toEqual(['/b']);
  desktop.closeWatches();
});

test('a closed project leaves the page; the one that was in front before comes back, and at last there is none', async () => {
  const { desktop, projects, closed, messages, port } = setUp();
  desktop.adoptPort(port);
  desktop.open('/a');
  desktop.open('/b');
  desktop.open('/c');
  desktop.setRecent(['/c', '/gone', '/a', '/b']);
  desktop.adoptPort(port);
  const [page, end] = createMemoryPair();
  const reason = new Promise((resolve) => void page.onClose(resolve));
  desktop.servePage(end);
  const detached = desktop.detach('/c');
  expect(await reason).toBe('the project was closed');
  expect(messages.at(-1)).toMatchObject({ type: 'project', project: { root: '/a' } });
  expect(desktop.detach('/b')?.host.projectRoot).toBe('/b');
  expect(desktop.front?.host.projectRoot).toBe('/a');
  desktop.adoptPort(port);
  desktop.detach('/a');
  expect(messages.at(-1)).toMatchObject({ type: 'project', project: null, problem: null });
  expect(desktop.front).toBeNull();
  expect([...desktop.projects.keys()]).toEqual([]);
  expect(projects).toEqual(['/a', '/b', '/c', '/a', null]);
  // Engines and watches are the caller's.
  expect(closed).toEqual([]);
  detached?.watch.close();
  expect(desktop.detach('/a')).toBeUndefined();
});

/** For what never comes. */
const PATIENCE = { timeout: 60_000 };

test('a page that may only watch says so to the engine, whatever it asks for itself', async () => {
  const { desktop, engines } = setUp();
  desktop.open('/a');
  const before = engines.length;
  const [page, end] = createMemoryPair();
  desktop.servePage(end, 'read');
  page.send(JSON.stringify({ t: 'hello', most: 'admin' }));
  const heard = await vi.waitFor(() => {
    const engine = engines.slice(before).find((one) => one !== undefined);
    if (engine === undefined) throw new Error('not connected yet');
    return new Promise((resolve) => void engine.onFrame((frame) => resolve(JSON.parse(String(frame)))));
  }, PATIENCE);
  expect(heard).toEqual({ t: 'hello', most: 'read' });
  desktop.closeWatches();
});
