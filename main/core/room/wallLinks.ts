import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { WallLink } from '../../../contract/projects.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import type { Clock } from '../../platform/clock.ts';

/** Milliseconds a wallboard stays signed in; a new link is one command away. */
export const WALL_MS = 7 * 24 * 3_600_000;
/** Wallboards signed in at one time: as many as connections (engineering.md 3.3 #9). */
const MOST_WALLS = 16;
/** Bytes of the file; a larger one is not ours. */
const MOST_BYTES = 64 * 1_024;

const StoredLink = z.object({
  id: z.string().regex(/^[0-9a-f]{8}$/),
  /** SHA-256 of the page's token; the token itself is with the page only. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Milliseconds since 1970. */
  at: z.number().int(),
  until: z.number().int(),
  port: z.number().int().min(1).max(65_535),
});
type StoredLink = z.infer<typeof StoredLink>;
const StoredFile = z.object({ links: z.array(StoredLink).max(MOST_WALLS) });

/**
 * The wallboards that are signed in, over the end of the engine. What is kept is a digest and an end; that such a page may
 * watch and nothing else is no entry of the file, so that no file can say otherwise.
 */
export interface WallLinks {
  /** Those that are good, the newest first. */
  list(): readonly WallLink[];
  /** The link a token's digest belongs to; null for none, or one that is over. */
  find(digest: string): string | null;
  /** Keeps a signed-in wallboard. @returns once it is on the disk. */
  add(digest: string, port: number): Promise<Result<null>>;
  /** Takes a link back, or with null all of them. @returns how many there were. */
  end(id: string | null): Promise<Result<{ readonly ended: number }>>;
  /** Told of every link that was taken back. */
  onEnd(listener: (id: string) => void): void;
  /** Port the newest wallboard knows; null without one. */
  port(): number | null;
}

/**
 * Reads the links kept at `path` (mode 0600). A file that somebody else could have written, such as one that came with a
 * checkout, is not believed.
 */
export async function openWallLinks(
  path: string,
  clock: Clock,
  warn: (line: string) => void = () => {},
): Promise<WallLinks> {
  let links: readonly StoredLink[] = await readLinks(path, warn);
  let writing: Promise<unknown> = Promise.resolve();
  const listeners: ((id: string) => void)[] = [];
  const good = () => {
    const now = clock.now();
    return links.filter((link) => link.until > now && link.until <= now + WALL_MS);
  };
  const write = (next: readonly StoredLink[]): Promise<Result<null>> => {
    links = next;
    const written = writing.then(async (): Promise<Result<null>> => {
      try {
        await writeFileAtomic(path, `${JSON.stringify({ links })}\n`, 0o600);
        return ok(null);
      } catch (error) {
        return fail('internal', `wallboard links cannot be kept: ${error instanceof Error ? error.message : error}`);
      }
    });
    writing = written;
    return written;
  };
  return {
    list: () =>
      good()
        .toSorted((one, other) => other.at - one.at)
        .map(({ id, at, until, port }) => ({
          id,
          signedInAt: new Date(at).toISOString(),
          until: new Date(until).toISOString(),
          address: `http://127.0.0.1:${port}`,
        })),
    find: (digest) => good().find((link) => link.digest === digest)?.id ?? null,
    async add(digest, port) {
      const held = good();
      if (held.length >= MOST_WALLS)
        return fail('conflict', `${MOST_WALLS} wallboards are signed in: take one back with "ov wall revoke" first`);
      const at = clock.now();
      const link = { id: randomBytes(4).toString('hex'), digest, at, until: at + WALL_MS, port };
      const written = await write([...held, link]);
      if (!written.ok) links = links.filter((one) => one !== link);
      return written;
    },
    async end(id) {
      const held = good();
      const ended = held.filter((link) => id === null || link.id === id);
      if (id !== null && ended.length === 0)
        return fail('notFound', `there is no wallboard link ${id}: "ov wall list" shows them`);
      const written = await write(held.filter((link) => !ended.includes(link)));
      // Also when the disk refused: for this engine they are over.
      for (const link of ended) for (const listener of listeners) listener(link.id);
      return written.ok ? ok({ ended: ended.length }) : written;
    },
    onEnd: (listener) => void listeners.push(listener),
    port: () => good().toSorted((one, other) => other.at - one.at)[0]?.port ?? null,
  };
}

async function readLinks(path: string, warn: (line: string) => void): Promise<readonly StoredLink[]> {
  try {
    const found = await stat(path);
    const foreign = process.getuid !== undefined && ((found.mode & 0o077) !== 0 || found.uid !== process.getuid());
    if (foreign || found.size > MOST_BYTES) {
      warn(`wallboard links in ${path} are not used: others may write there`);
      return [];
    }
    return StoredFile.parse(JSON.parse(await readFile(path, 'utf8'))).links;
  } catch (error) {
    // Mostly there is no such file. One that cannot be read keeps nobody signed in, which is the safe side.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') warn(`wallboard links in ${path} cannot be read`);
    return [];
  }
}
