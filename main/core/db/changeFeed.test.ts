import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMail } from '../mail/mailStore.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { testSession } from '../sessions/testSession.ts';
import { type ChangeFeed, watchChanges } from './changeFeed.ts';
import { type Connection, openDatabase } from './openDatabase.ts';
import { createTestFolder, must, type TestFolder } from './testing/folder.ts';
import { startProcess } from './testing/processes.ts';

const SCRIPT = join(import.meta.dirname, 'testing', 'storeWriter.testProcess.ts');
const NEVER_MS = 1_000_000;

let folder: TestFolder;
let mail: Connection;
let sessions: Connection;
beforeEach(async () => {
  folder = await createTestFolder();
  mail = folder.keep(must(openDatabase(folder.file('mail.db'))));
  sessions = folder.keep(must(openDatabase(folder.file('sessions.db'))));
  must(openMail(mail));
  must(openSessions(sessions));
});
afterEach(() => folder.dispose());

/** Collects what the feed tells; `next` resolves with the following call. */
function listen(options: { readonly directory?: string; readonly pollMs?: number } = {}) {
  const calls: (readonly string[])[] = [];
  const waiting: (() => void)[] = [];
  const feed: ChangeFeed = folder.keep(
    watchChanges({
      directory: folder.path,
      connections: { mail, sessions },
      onChange: (names) => {
        calls.push(names);
        for (const wake of waiting.splice(0)) wake();
      },
      ...options,
    }),
  );
  return {
    feed,
    calls,
    async next(): Promise<readonly string[]> {
      const seen = calls.length;
      if (calls.length === seen) await new Promise<void>((resolve) => waiting.push(resolve));
      return calls[seen] ?? [];
    },
  };
}
const writeElsewhere = (): void => {
  const other = must(openSessions(folder.file('sessions.db')));
  other.upsert(testSession('x'));
  other.close();
};

describe('watchChanges', () => {
  it('tells the name of the file another process committed to', async () => {
    const heard = listen({ pollMs: NEVER_MS });
    const writer = startProcess(SCRIPT, ['send', folder.file('mail.db'), 'a', '1']);
    await writer.line('ready');
    const told = heard.next();
    writer.child.stdin?.write('\n');
    expect(await told).toEqual(['mail']);
    expect((await writer.ended).code).toBe(0);
  });

  it('hears it by the poll where files cannot be watched', async () => {
    const heard = listen({ directory: folder.file('no-such-folder'), pollMs: 20 });
    const told = heard.next();
    writeElsewhere();
    expect(await told).toEqual(['sessions']);
  });

  it('says nothing of what this process commits through the same connections', async () => {
    const heard = listen({ pollMs: 10 });
    const store = must(openSessions(sessions));
    for (let index = 0; index < 20; index += 1) store.upsert(testSession(`own-${index}`));
    const told = heard.next();
    const foreign = must(openMail(folder.file('mail.db')));
    must(foreign.insert({ from: 'a', to: 'b', subject: 's', body: 'b' }));
    foreign.close();
    expect(await told).toEqual(['mail']);
    expect(heard.calls.flat()).not.toContain('sessions');
  });

  it('tells nothing after it was closed', async () => {
    const silent = listen({ pollMs: 10 });
    silent.feed.close();
    silent.feed.close();
    const heard = listen({ pollMs: 10 });
    const told = heard.next();
    writeElsewhere();
    await told;
    expect(silent.calls).toEqual([]);
  });

  it('survives a connection that was closed under it', async () => {
    const heard = listen({ pollMs: 10 });
    mail.close();
    const told = heard.next();
    writeElsewhere();
    expect(await told).toEqual(['sessions']);
  });
});
