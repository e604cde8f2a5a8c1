import { afterEach, describe, expect, test, vi } from 'vitest';
import { type DesktopShell, PORT_HAND_OVER } from '../../contract/shell.ts';
import { pageScheduler } from '../app/page.ts';
import { createDesktop, type PortPage } from './desktop.ts';

const shell: DesktopShell = {
  kind: 'desktop',
  platform: 'linux',
  versions: { electron: '1', chrome: '2', node: '3' },
  onPort: PORT_HAND_OVER,
};

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
  vi.useRealTimers();
});

/** A page whose preload answers with fresh ports, unless told otherwise. */
function page(reply: (nonce: string) => object | null = (nonce) => ({ type: 'connected', nonce })) {
  let listener: ((event: MessageEvent<unknown>) => void) | null = null;
  const shellEnds: MessagePort[] = [];
  const made = {
    location: { origin: 'app://control' },
    addEventListener: (_type: string, added: (event: MessageEvent<unknown>) => void) => {
      listener = added;
    },
    removeEventListener: () => {
      listener = null;
    },
    postMessage(asked: { type: string; nonce: string }) {
      const answer = asked.type === 'connect' ? reply(asked.nonce) : null;
      if (answer === null) return;
      const room = new MessageChannel();
      const commands = new MessageChannel();
      open.push(room.port1, room.port2, commands.port1, commands.port2);
      shellEnds.push(commands.port1);
      listener?.({ source: made, origin: 'app://control', data: answer, ports: [room.port2, commands.port2] } as never);
    },
  };
  // The fake holds exactly what the hand-over touches; the overloads of the real methods are of no use to it.
  return { page: made as unknown as PortPage, shellEnds };
}

/** The next message that comes through a port: JSON text, as the contract says. */
function next(port: MessagePort | undefined): Promise<unknown> {
  return new Promise((resolve) => {
    port?.addEventListener('message', (event: MessageEvent<string>) => resolve(JSON.parse(event.data)), { once: true });
    port?.start();
  });
}

describe('desktop', () => {
  test('takes over the ports, hears of the project and of wishes made before anybody listened', async () => {
    const fake = page();
    const desktop = createDesktop(shell, fake.page, pageScheduler());
    desktop.post({ type: 'theme', theme: 'light' });
    expect(await desktop.route.open()).toMatchObject({ ok: true });
    const [end] = fake.shellEnds;
    expect(await next(end)).toEqual({ type: 'theme', theme: 'light' });

    const heard = new Promise<void>((resolve) => {
      desktop.project.subscribe((state) => state.said !== null && resolve());
    });
    end?.postMessage('no JSON');
    end?.postMessage(JSON.stringify({ type: 'action', action: 'rm -rf' }));
    end?.postMessage(JSON.stringify({ type: 'action', action: 'palette.open' }));
    end?.postMessage(
      JSON.stringify({
        type: 'project',
        project: null,
        recent: [{ root: '/r', name: 'r' }],
        problem: 'no git',
        makingDemo: false,
      }),
    );
    await heard;
    expect(desktop.project.getState().said).toEqual({
      project: null,
      recent: [{ root: '/r', name: 'r' }],
      problem: 'no git',
      makingDemo: false,
    });
    const wishes: unknown[] = [];
    desktop.onWish((wish) => wishes.push(wish));
    expect(wishes).toEqual([{ type: 'action', action: 'palette.open' }]);
  });

  test('a later attempt takes fresh ports, and what is posted goes through the newest', async () => {
    const fake = page();
    const desktop = createDesktop(shell, fake.page, pageScheduler());
    await desktop.route.open();
    await desktop.route.open();
    desktop.post({ type: 'openProject' });
    expect(await next(fake.shellEnds[1])).toEqual({ type: 'openProject' });
  });

  test.each([
    ['no answer', () => null],
    ['an answer to another question', () => ({ type: 'connected', nonce: 'other' })],
  ])('%s ends in one clear line', async (_, reply) => {
    vi.useFakeTimers();
    const opened = createDesktop(shell, page(reply).page, pageScheduler()).route.open();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await opened).toMatchObject({ ok: false, error: { tag: 'unavailable' } });
  });
});
