import type { BrowserContext } from 'playwright-core';

/** Watches the consoles of all pages of a context: a room that works says nothing there. */
export interface ConsoleGuard {
  /** Lines of this pattern are no problem from now on. */
  tolerate(pattern: RegExp): void;
  /** Errors, warnings, uncaught exceptions and policy violations so far, and forgets them. */
  take(): readonly string[];
}

/** Starts watching; call it before the first page loads. */
export function guardConsole(context: BrowserContext): ConsoleGuard {
  const tolerated: RegExp[] = [];
  let problems: string[] = [];
  const add = (line: string): void => {
    if (!tolerated.some((pattern) => pattern.test(line))) problems.push(line);
  };
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') add(`${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => add(`uncaught: ${error.error().stack ?? error.error().message}`));
  return {
    tolerate: (pattern) => void tolerated.push(pattern),
    take() {
      const taken = problems;
      problems = [];
      return taken;
    },
  };
}
