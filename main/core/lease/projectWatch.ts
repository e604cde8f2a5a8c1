import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Milliseconds between two looks: one `stat` each. A project that is gone is noticed within two of them. */
const LOOK_MS = 3_000;

/**
 * Notices that the project an engine holds is no longer there: its folder, its `.overstory` or the database with its lease was
 * deleted, moved away or replaced. Only a plain "not there" counts, and only twice in a row; a disk that does not answer
 * does not. `onGone` is called once, with one line for a person.
 */
export async function watchProject(
  projectRoot: string,
  onGone: (line: string) => void,
  lookMs = LOOK_MS,
): Promise<{ close(): void }> {
  const file = join(projectRoot, '.overstory', 'control-room.db');
  const first = await identityOf(file);
  let missed = 0;
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    identityOf(file).then(
      (now) => {
        looking = false;
        missed = now === first ? 0 : missed + 1;
        if (missed < 2) return;
        clearInterval(timer);
        onGone(
          now === null
            ? `${projectRoot} or its .overstory folder was deleted or moved away: its engine, agents and terminals are ended`
            : `${file} was replaced while its engine ran: engine, agents and terminals are ended; start it again`,
        );
      },
      () => {
        // A disk that does not answer now proves nothing; the next look asks again.
        looking = false;
      },
    );
  }, lookMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

/** Names a file beyond its path; null when there is none. */
async function identityOf(file: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(file, { bigint: true });
    return `${dev} ${ino}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
