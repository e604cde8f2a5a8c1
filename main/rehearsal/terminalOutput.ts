import { randomUUID } from 'node:crypto';
import type { Output } from './output.ts';

const DIM = '\x1b[2m';
const BLUE = '\x1b[34m';
const RED = '\x1b[31m';
const YELLOW = '\x1b[33m';
const RESET = '\x1b[0m';

/** Lines of a tool's result that are shown. */
const RESULT_LINES = 8;

/**
 * Writes a rehearsal's turn for a person at a terminal, instead of stream-json.
 * @param characters size of the conversation so far.
 */
export function createTerminalOutput(characters: number, write: (text: string) => void): Output {
  let conversation = characters;
  let lastText = '';
  const say = (text: string): Promise<void> => {
    write(`${text.replaceAll('\n', '\r\n')}\r\n`);
    return Promise.resolve();
  };
  return {
    init() {
      lastText = 'Done for now.';
      return Promise.resolve();
    },
    text(text) {
      lastText = text;
      conversation += text.length;
      return say(text);
    },
    async toolUse(name, input) {
      const facts = JSON.stringify(input);
      conversation += facts.length;
      await say(`${BLUE}● ${name}${RESET} ${DIM}${facts.slice(0, 160)}${RESET}`);
      return randomUUID();
    },
    toolResult(_callId, content, isError) {
      conversation += content.length;
      const lines = content.trimEnd().split('\n');
      const shown = lines.slice(0, RESULT_LINES).join('\n  ');
      return shown === '' ? Promise.resolve() : say(`  ${isError ? RED : DIM}${shown}${RESET}`);
    },
    retry: (attempt, maxRetries, delayMs) =>
      say(`${YELLOW}◐ attempt ${attempt} of ${maxRetries} in ${delayMs} ms${RESET}`),
    uncounted: say,
    // A person at a terminal is shown no costs.
    cost() {},
    raw: say,
    result: (end) => (end.kind === 'success' ? Promise.resolve() : say(`${RED}✗ ${end.text}${RESET}`)),
    notFound: (message) => say(`${RED}✗ ${message}${RESET}`),
    lastText: () => lastText,
    characters: () => conversation,
  };
}
