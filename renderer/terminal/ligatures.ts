import type { Terminal } from '@xterm/xterm';

/**
 * Runs of signs that a programming typeface may draw as one: arrows, comparisons, comments. Which of them it really
 * joins is the typeface's own business; a run it does not know looks as before.
 */
const RUNS = /[-+*/<>=!&|:.#?~^%$\\;_@]{2,}|www/g;

/** Ranges of a line whose cells are to be drawn together, as xterm's character joiner wants them. */
export function ligatureRanges(line: string): [number, number][] {
  return Array.from(line.matchAll(RUNS), ({ index, 0: run }) => [index, index + run.length]);
}

/** Turns ligatures of an opened terminal on or off. Off is said as well: cells of one colour are one piece of text. */
export function createLigatures(terminal: Terminal): (on: boolean) => void {
  let joiner: number | null = null;
  return (on) => {
    if (terminal.element === undefined) return;
    terminal.element.style.fontVariantLigatures = on ? 'normal' : 'none';
    // Said by name, because text with letter spacing (xterm rounds cells) is set without ligatures otherwise.
    terminal.element.style.fontFeatureSettings = on ? '"calt" 1, "liga" 1' : 'normal';
    if (on) joiner ??= terminal.registerCharacterJoiner(ligatureRanges);
    else if (joiner !== null) {
      terminal.deregisterCharacterJoiner(joiner);
      joiner = null;
    }
  };
}
