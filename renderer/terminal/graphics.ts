import type { ITerminalAddon, Terminal } from '@xterm/xterm';

/** What draws the page's WebGL: only a real graphics processor is faster than the DOM (engineering.md 4.1). */
export type Graphics = 'hardware' | 'software' | 'none';

/** True for the names under which processors draw WebGL themselves. */
export function isSoftware(renderer: string): boolean {
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
}

/** Asks the browser once, with a context that is given back at once: a page has only sixteen of them. */
export function probeGraphics(page: Document): Graphics {
  const context = page.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (context === null) return 'none';
  const names = context.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = context.getParameter(names === null ? context.RENDERER : names.UNMASKED_RENDERER_WEBGL);
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof renderer === 'string' && !isSoftware(renderer) ? 'hardware' : 'software';
}

/** The part of xterm's WebGL renderer that is used here. */
export interface GraphicsAddon extends ITerminalAddon {
  onContextLoss(listener: () => void): { dispose(): void };
}

export interface GraphicsDependencies {
  probe(): Graphics;
  /** Loaded with the first lease, not with the page. */
  load(): Promise<() => GraphicsAddon>;
  /** Gives the contexts of a terminal's canvases back. Without it a disposed renderer keeps its own (xterm #6068). */
  loseContexts(terminal: Terminal): void;
}

/** Hands out the graphics processor to terminals in sight. */
export interface GraphicsLeases {
  /**
   * Lets a terminal be drawn by the graphics processor until the returned release, where there is one to lease.
   * @param onDom the DOM draws the terminal again.
   */
  lease(terminal: Terminal, onDom: () => void): () => void;
  readonly held: number;
}

/** Contexts at most: Chromium keeps sixteen a process, and drops the oldest without asking. */
export const MOST_LEASES = 8;

/**
 * Once a context was lost or a renderer failed, the DOM draws everything for as long as the page lives: a driver that
 * fails once does so again, and each time costs a blank terminal.
 */
export function createGraphicsLeases(dependencies: GraphicsDependencies): GraphicsLeases {
  let graphics: Graphics | null = null;
  let broken = false;
  const held = new Map<Terminal, { release(): void }>();

  const giveUp = () => {
    broken = true;
    for (const lease of [...held.values()]) lease.release();
  };

  return {
    lease(terminal, onDom) {
      let over = false;
      const release = () => {
        if (over) return;
        over = true;
        held.get(terminal)?.release();
      };
      graphics ??= dependencies.probe();
      if (broken || graphics !== 'hardware') return release;
      const start = (create: () => GraphicsAddon) => {
        if (over || broken || held.has(terminal) || held.size >= MOST_LEASES) return;
        const addon = create();
        try {
          terminal.loadAddon(addon);
        } catch {
          // No context, or no shader: the DOM goes on drawing, which always works.
          giveUp();
          return;
        }
        const loss = addon.onContextLoss(giveUp);
        held.set(terminal, {
          release() {
            held.delete(terminal);
            loss.dispose();
            dependencies.loseContexts(terminal);
            addon.dispose();
            onDom();
          },
        });
      };
      // Not loaded means the DOM goes on drawing, as after any other failure.
      void dependencies.load().then(start, giveUp);
      return release;
    },
    get held() {
      return held.size;
    },
  };
}

/** Gives back the contexts of every canvas of a terminal. */
export function loseContexts(terminal: Terminal): void {
  for (const canvas of terminal.element?.querySelectorAll('canvas') ?? [])
    canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
}
