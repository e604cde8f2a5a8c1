import type { RoomClient } from '../../../contract/room.ts';

/** Size of the screen that is looked at, and that the program is given. */
const SIZE = { cols: 110, rows: 40 } as const;

/** What a terminal shows now, as plain text. */
export async function screenOf(room: RoomClient, terminalId: string): Promise<string> {
  const attached = await room.call('terminals.attach', { terminalId, size: SIZE });
  if (!attached.ok) throw new Error(attached.error.message);
  return plain(attached.value.snapshot ?? '');
}

/** Types into a terminal. */
export async function type(room: RoomClient, terminalId: string, data: string): Promise<void> {
  const written = await room.call('terminals.write', { terminalId, data });
  if (!written.ok) throw new Error(written.error.message);
}

function plain(text: string): string {
  const start = String.fromCharCode(27);
  // A move to the right stands for blanks: programs draw words apart with it.
  return text
    .replaceAll(new RegExp(`${start}\\[(\\d*)C`, 'g'), (_all, count: string) => ' '.repeat(Number(count || '1')))
    .replaceAll(new RegExp(`${start}\\][^\\u0007]*\\u0007`, 'g'), '')
    .replaceAll(new RegExp(`${start}\\[[0-?]*[ -/]*[@-~]`, 'g'), '')
    .replaceAll('\r', '');
}
