/** The part of xterm that keeps its scrollbar where its lines are; private, hence the guard in xtermInside.test.ts. */
export interface Viewport {
  /** Without arguments when lines went out at the top; with one when it was put off to a frame already. */
  _sync(...position: readonly (number | undefined)[]): void;
  scrollLines(lines: number): void;
  scrollToLine(line: number, atOnce?: boolean): void;
}

/**
 * Moves the scrollbar once a frame, where xterm does it for every line it parses: a screen of a thousand lines would change the
 * page and set timers two thousand times before anybody sees it. Whoever scrolls meanwhile scrolls from where the lines are.
 */
export function syncScrollOnceAFrame(viewport: Viewport, requestFrame: (run: () => void) => void): void {
  const sync = viewport._sync.bind(viewport);
  const scrollLines = viewport.scrollLines.bind(viewport);
  const scrollToLine = viewport.scrollToLine.bind(viewport);
  let due = false;
  let asked = false;
  const catchUp = () => {
    if (!due) return;
    due = false;
    sync();
  };
  viewport._sync = (...position) => {
    if (position.length > 0) {
      sync(...position);
      return;
    }
    due = true;
    if (asked) return;
    asked = true;
    requestFrame(() => {
      asked = false;
      catchUp();
    });
  };
  viewport.scrollLines = (lines) => {
    catchUp();
    scrollLines(lines);
  };
  viewport.scrollToLine = (line, atOnce) => {
    catchUp();
    scrollToLine(line, atOnce);
  };
}
