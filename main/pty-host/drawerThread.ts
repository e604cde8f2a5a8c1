/** The thread that draws screens (screenDrawer.ts). */
import { parentPort } from 'node:worker_threads';
import { drawScreen } from './drawScreen.ts';
import type { DrawAnswer, DrawRequest } from './screenDrawer.ts';

const port = parentPort;
if (port === null) throw new Error('this is a thread of the pty host, no program');
port.on('message', ({ id, state, scrollback }: DrawRequest) => {
  port.postMessage({ id, drawn: drawScreen(state, scrollback) } satisfies DrawAnswer);
});
port.postMessage({ ready: true } satisfies DrawAnswer);
