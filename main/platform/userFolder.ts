import { homedir } from 'node:os';
import { join } from 'node:path';

/** Folder of our own in the place a system keeps data of programs. */
const NAME = 'overstory-control-room';

/**
 * Where this product keeps what belongs to a person and not to one project: the list of projects, and rehearsal projects
 * made from the room. `XDG_DATA_HOME` decides where it is set, else the habit of the system.
 */
export function userFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
  home: string = homedir(),
): string {
  const { XDG_DATA_HOME, LOCALAPPDATA } = environment;
  if (XDG_DATA_HOME !== undefined && XDG_DATA_HOME !== '') return join(XDG_DATA_HOME, NAME);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', NAME);
  if (platform === 'win32') return join(LOCALAPPDATA ?? join(home, 'AppData', 'Local'), NAME);
  return join(home, '.local', 'share', NAME);
}
