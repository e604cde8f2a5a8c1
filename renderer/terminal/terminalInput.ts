import { LIMITS } from '../../contract/limits.ts';
import type { CallError } from '../../contract/result.ts';
import type { RoomLink } from '../client/link.ts';
import { inputPieces } from './paste.ts';

/** The way of keys into a terminal's program. */
export interface TerminalInput {
  /** Sends in order: one call at a time, and what is typed meanwhile goes together. */
  push(data: string): void;
  /** Drops what is not on its way yet. */
  clear(): void;
}

export function createTerminalInput(
  link: Pick<RoomLink, 'call'>,
  id: string,
  onRefused: (error: CallError) => void,
): TerminalInput {
  let waiting = '';
  let sending = false;

  async function send(): Promise<void> {
    sending = true;
    while (waiting !== '') {
      const [data = '', ...rest] = inputPieces(waiting, LIMITS.terminalWriteBytes);
      waiting = rest.join('');
      const written = await link.call('terminals.write', { terminalId: id, data });
      if (!written.ok) {
        waiting = '';
        onRefused(written.error);
      }
    }
    sending = false;
  }
  return {
    push(data) {
      waiting += data;
      if (!sending) void send();
    },
    clear() {
      waiting = '';
    },
  };
}
