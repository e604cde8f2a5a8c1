import type { Room } from '../stores/room.ts';
import type { LiveTerminal } from './liveTerminal.ts';
import { createTerminalPool, type TerminalPool } from './terminalPool.ts';
import { createFrameBudget } from './writeCoalescer.ts';

const pools = new WeakMap<Room, Promise<TerminalPool<LiveTerminal>>>();

/**
 * The live terminals of a room. xterm is loaded with the first use and not with the page: the other screens do without.
 */
export function roomTerminals(room: Room): Promise<TerminalPool<LiveTerminal>> {
  const held = pools.get(room);
  if (held !== undefined) return held;
  const made = loadPool(room);
  pools.set(room, made);
  return made;
}

/** Puts another pool in place, for tests without a layout. */
export function provideTerminals(room: Room, pool: TerminalPool<LiveTerminal>): void {
  pools.set(room, Promise.resolve(pool));
}

async function loadPool(room: Room): Promise<TerminalPool<LiveTerminal>> {
  const [{ createLiveTerminal }, { loadTerminalFonts }, graphics] = await Promise.all([
    import('./liveTerminal.ts'),
    import('./xtermScreen.ts'),
    import('./graphics.ts'),
  ]);
  await loadTerminalFonts(document, room.ui.getState().terminalFontSize);
  const leases = graphics.createGraphicsLeases({
    probe: () => graphics.probeGraphics(document),
    async load() {
      const { WebglAddon } = await import('@xterm/addon-webgl');
      return () => new WebglAddon();
    },
    loseContexts: graphics.loseContexts,
  });
  const frames = createFrameBudget({ now: () => performance.now(), frame: nextFrame, after });
  return createTerminalPool((id) => createLiveTerminal(room, id, leases, frames));
}

/** Milliseconds after which output goes on without a frame: a window that is covered makes none, and its terminals must not hold their programs back. */
const NO_FRAME_MS = 250;

function nextFrame(run: () => void): void {
  const go = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    run();
  };
  const frame = requestAnimationFrame(go);
  const timer = setTimeout(go, NO_FRAME_MS);
}

function after(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
}

/** Ends the terminals of a room that is gone. */
export function dropTerminals(room: Room): void {
  const held = pools.get(room);
  pools.delete(room);
  void held?.then((pool) => pool.clear());
}
