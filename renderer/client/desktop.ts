import { createStore, type StoreApi } from 'zustand/vanilla';
import { fail, ok } from '../../contract/result.ts';
import { type DesktopShell, type PageMessage, type ProjectReference, ShellMessage } from '../../contract/shell.ts';
import type { Scheduler } from '../../contract/wire/channel.ts';
import type { Route } from './link.ts';
import { messagePortChannel } from './messagePortChannel.ts';

/** What the desktop shell says of the project in this window; null until its first word. */
export interface DesktopProject {
  readonly project: ProjectReference | null;
  readonly recent: readonly ProjectReference[];
  readonly problem: string | null;
  /** A rehearsal project is being made. */
  readonly makingDemo: boolean;
}

/** The page's end of the desktop shell (contract/shell.ts). */
export interface Desktop {
  readonly project: StoreApi<{ readonly said: DesktopProject | null }>;
  readonly route: Route;
  post(message: PageMessage): void;
  /** Called for what the menu, tray, a notification or a deep link wants of the page. */
  onWish(listener: (wish: Extract<ShellMessage, { type: 'navigate' | 'action' }>) => void): void;
}

/** What the hand-over needs of its page. */
export type PortPage = Pick<Window, 'addEventListener' | 'removeEventListener' | 'postMessage'> & {
  readonly location: Pick<Location, 'origin'>;
};

/** Milliseconds the preload has to answer with two ports; it does so in one turn of the event loop. */
const HAND_OVER_MS = 5_000;

function askForPorts(shell: DesktopShell, page: PortPage, scheduler: Scheduler): Promise<readonly MessagePort[]> {
  const nonce = crypto.randomUUID();
  return new Promise((resolve) => {
    const finish = (ports: readonly MessagePort[]) => {
      page.removeEventListener('message', onMessage);
      cancel();
      resolve(ports);
    };
    const onMessage = (event: MessageEvent<unknown>) => {
      if (event.source !== page || event.origin !== page.location.origin) return;
      const answer = event.data as { readonly type?: unknown; readonly nonce?: unknown } | null;
      if (answer?.type === shell.onPort.answer && answer.nonce === nonce) finish(event.ports);
    };
    page.addEventListener('message', onMessage);
    const cancel = scheduler.after(HAND_OVER_MS, () => finish([]));
    page.postMessage({ type: shell.onPort.ask, nonce }, page.location.origin);
  });
}

/** Speaks with the shell: every attempt asks for two fresh ports, one for the engine and one for the shell itself. */
export function createDesktop(shell: DesktopShell, page: PortPage, scheduler: Scheduler): Desktop {
  const project = createStore<{ readonly said: DesktopProject | null }>(() => ({ said: null }));
  const listeners: ((wish: Extract<ShellMessage, { type: 'navigate' | 'action' }>) => void)[] = [];
  const early: Extract<ShellMessage, { type: 'navigate' | 'action' }>[] = [];
  let shellPort: MessagePort | null = null;
  const unsent: PageMessage[] = [];

  function hear(data: unknown): void {
    const parsed = ShellMessage.safeParse(parseJson(data));
    if (!parsed.success) return;
    const message = parsed.data;
    if (message.type === 'project') {
      const { type: _type, ...said } = message;
      project.setState({ said });
    } else if (listeners.length === 0) early.push(message);
    else for (const listener of listeners) listener(message);
  }

  return {
    project,
    route: {
      // The MessagePort itself is the proof: the shell hands it to our own page only.
      token: null,
      refusalEnds: false,
      async open() {
        const [roomPort, commandPort] = await askForPorts(shell, page, scheduler);
        if (roomPort === undefined || commandPort === undefined) {
          return fail('unavailable', 'The desktop shell did not hand over a connection; restart the app.');
        }
        shellPort?.close();
        shellPort = commandPort;
        commandPort.addEventListener('message', (event: MessageEvent<unknown>) => hear(event.data));
        commandPort.start();
        for (const message of unsent.splice(0)) commandPort.postMessage(JSON.stringify(message));
        return ok(messagePortChannel(roomPort));
      },
    },
    post(message) {
      if (shellPort === null) unsent.push(message);
      else shellPort.postMessage(JSON.stringify(message));
    },
    onWish(listener) {
      listeners.push(listener);
      for (const wish of early.splice(0)) listener(wish);
    },
  };
}

function parseJson(data: unknown): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data);
  } catch {
    // Not a message of the shell; the schema refuses `undefined`.
    return undefined;
  }
}
