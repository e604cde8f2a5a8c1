// Mail as overstory itself reads and writes it, for tests: its own schema and statements, no table of ours.
import Database from 'better-sqlite3';

const [path = '', name = '', count = '0'] = process.argv.slice(2);

const database = new Database(path);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = NORMAL');
database.pragma('busy_timeout = 5000');

const insert = database.prepare<[string, string, string, string, string]>(
  `INSERT INTO messages (id, from_agent, to_agent, subject, body, type, priority, thread_id, payload, read, created_at)
    VALUES (?, ?, ?, ?, 'b', 'status', 'normal', NULL, NULL, 0, ?)`,
);
const unread = database.prepare<[string], { id: string }>(
  'SELECT * FROM messages WHERE to_agent = ? AND read = 0 ORDER BY created_at ASC',
);
const markRead = database.prepare<[string]>('UPDATE messages SET read = 1 WHERE id = ?');
const remove = database.prepare<[string]>('DELETE FROM messages WHERE id = ?');

process.stdout.write('ready\n');
for await (const _chunk of process.stdin) break;
for (let index = 0; index < Number(count); index += 1) {
  insert.run(
    `${name}-${index}`,
    name,
    index % 4 === 0 ? 'theirs' : 'ours',
    `${name} ${index}`,
    new Date().toISOString(),
  );
  // One select, then an update a row, without a transaction (spec 02 §1.10).
  for (const { id } of unread.all('theirs')) {
    markRead.run(id);
    process.stdout.write(`got ${id}\n`);
  }
  if (index % 10 === 9) remove.run(`${name}-${index - 2}`);
}
database.close();
