import type { Page } from 'playwright-core';

/** What runs inside the page; it is sent there as text, so it uses nothing from here. */
interface Probe {
  /** Milliseconds from each key's own time stamp until its echo was painted. */
  readonly echoes: number[];
  /** Resolves with milliseconds from now until a terminal shows these words, painted. */
  until(terminal: string, words: string): Promise<number>;
  /** Watches one terminal for echoes. */
  watch(terminal: string): void;
  /** Milliseconds between frames, for so long. */
  frames(milliseconds: number): Promise<number[]>;
}
declare global {
  interface Window {
    probe: Probe;
  }
}

/** Puts the probe into a page that is loaded. */
export async function placeProbe(page: Page): Promise<void> {
  await page.evaluate(() => {
    /** Runs once the frame that is being made is painted: a message is handled after it. */
    const painted = (run: () => void) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = run;
      port2.postMessage(null);
    };
    const rowsOf = (terminal: string) =>
      document.querySelector<HTMLElement>(`[data-terminal="${terminal}"] .xterm-rows`);
    let pressed: number | null = null;
    const echoes: number[] = [];
    addEventListener(
      'keydown',
      (event) => {
        pressed = event.timeStamp;
      },
      true,
    );
    window.probe = {
      echoes,
      watch(terminal) {
        const rows = rowsOf(terminal);
        if (rows === null) throw new Error(`${terminal} is not in sight`);
        let last = rows.textContent;
        new MutationObserver(() => {
          const text = rows.textContent;
          if (text === last) return;
          last = text;
          const since = pressed;
          pressed = null;
          if (since !== null) painted(() => echoes.push(performance.now() - since));
        }).observe(rows, { childList: true, subtree: true, characterData: true });
      },
      until(terminal, words) {
        const begun = performance.now();
        return new Promise((resolve) => {
          const look = () => {
            if (rowsOf(terminal)?.textContent.includes(words) !== true) return false;
            painted(() => resolve(performance.now() - begun));
            return true;
          };
          if (look()) return;
          const observer = new MutationObserver(() => {
            if (look()) observer.disconnect();
          });
          observer.observe(document.body, { childList: true, subtree: true, characterData: true });
        });
      },
      frames(milliseconds) {
        const gaps: number[] = [];
        return new Promise((resolve) => {
          let last = performance.now();
          const end = last + milliseconds;
          const step = () => {
            const now = performance.now();
            gaps.push(now - last);
            last = now;
            if (now < end) requestAnimationFrame(step);
            else resolve(gaps);
          };
          requestAnimationFrame(step);
        });
      },
    };
  });
}

/** Megabytes the page's script holds after a collection: objects, and the buffers behind them, which xterm's cells are in. */
export async function heldMegabytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  // Twice: what a first collection lets go of may hold buffers until the second.
  for (let round = 0; round < 2; round += 1) await session.send('HeapProfiler.collectGarbage');
  const usage: { usedSize: number; backingStorageSize?: number } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return (usage.usedSize + (usage.backingStorageSize ?? 0)) / 1_000_000;
}
