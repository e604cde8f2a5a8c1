import { createInterface } from 'node:readline';
import type { Session } from './session.ts';
import { createTerminalOutput } from './terminalOutput.ts';
import { performTurn, type TurnSetting } from './turn.ts';

export interface InteractiveSetting
  extends Pick<TurnSetting, 'identity' | 'specPath' | 'pace' | 'permissionMode' | 'settingsFile' | 'die'> {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

const PROMPT = '› ';
/** Ends the program, as in claude. */
const LEAVE = '/exit';

/**
 * A conversation with a person at a terminal: every line is a user turn, Ctrl-C ends the running turn, Ctrl-C twice or
 * `/exit` leaves (docs/rehearsal.md "At a terminal"). Resolves with the exit code.
 */
export async function converse(session: Session, setting: InteractiveSetting): Promise<number> {
  const reader = createInterface({ input: setting.input, output: setting.output, prompt: PROMPT, terminal: true });
  const output = createTerminalOutput(session.characters, (text) => setting.output.write(text));
  let running: AbortController | null = null;
  let leaving = false;

  setting.output.write(
    `rehearsal · conversation ${session.id} · ${session.turns} turns so far\r\n` +
      `${setting.identity.agent} listens. Type a message; ${LEAVE} leaves.\r\n`,
  );
  reader.on('SIGINT', () => {
    if (running !== null) {
      running.abort();
      return;
    }
    if (leaving) {
      reader.close();
      return;
    }
    leaving = true;
    setting.output.write('\r\nPress Ctrl-C again to leave.\r\n');
    reader.prompt();
  });
  reader.prompt();
  for await (const line of reader) {
    leaving = false;
    const text = line.trim();
    if (text === LEAVE) break;
    if (text !== '') {
      running = new AbortController();
      const end = await performTurn(text, session, { ...setting, output, signal: running.signal });
      await output.result(end);
      running = null;
    }
    reader.prompt();
  }
  reader.close();
  return 0;
}
