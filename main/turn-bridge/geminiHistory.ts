import { access, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Milliseconds of a minute, the unit Gemini names its files by. */
const MINUTE_MS = 60_000;

const minuteOf = (now: number): string => new Date(now).toISOString().slice(0, 16).replaceAll(':', '-');

/**
 * Makes a conversation of Gemini safe to resume (0.61.0). Before it looks for the conversation, Gemini begins a file named by
 * the minute and the first digits of the id: it empties the very one it was asked for when that was begun in the same minute,
 * and otherwise leaves an empty one beside it, for which its next start deletes both. So a young file gets an earlier minute,
 * Gemini finds it by what is in it, and empty ones beside it go. @param now milliseconds since the epoch. @param home holds
 * `.gemini`.
 */
export async function keepGeminiHistory(
  conversationId: string,
  now: number,
  home: string = process.env.GEMINI_CLI_HOME || homedir(),
): Promise<void> {
  const short = conversationId.slice(0, 8);
  const projects = join(home, '.gemini', 'tmp');
  for (const project of await namesIn(projects)) {
    const folder = join(projects, project, 'chats');
    const mine = (await namesIn(folder)).filter(
      (name) => /^session-.*\.jsonl$/.test(name) && name.includes(`-${short}.`),
    );
    const told = new Set<string>();
    for (const name of mine) if (await holdsMessages(join(folder, name))) told.add(name);
    for (const name of mine) if (told.size > 0 && !told.has(name)) await rm(join(folder, name), { force: true });
    for (const name of told) {
      // The next minute too: it may have begun by the time Gemini has.
      const young = [now, now + MINUTE_MS].some((at) => name === nameOf(minuteOf(at), short));
      if (young) await rename(join(folder, name), join(folder, await freeName(folder, short, now)));
    }
  }
}

/** Messages are lines of their own that begin with their id; what Gemini writes at once when it starts is not. */
async function holdsMessages(path: string): Promise<boolean> {
  return /^\{"id":/m.test(await readFile(path, 'utf8'));
}

const nameOf = (minute: string, short: string): string => `session-${minute}-${short}.jsonl`;

async function freeName(folder: string, short: string, now: number): Promise<string> {
  for (let at = now - MINUTE_MS; ; at -= MINUTE_MS) {
    const name = nameOf(minuteOf(at), short);
    try {
      await access(join(folder, name));
    } catch {
      // Not there: free.
      return name;
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Nothing was kept there.
    return [];
  }
}
