// Writes events one by one for a while and tells how long each took; several of these share one file.
import Database from 'better-sqlite3';
import { openEvents } from '../../main/core/events/eventStore.ts';
import { eventOf, PLAIN_INSERT, plainRow } from '../lib/events.ts';
import { must } from '../lib/must.ts';

const [path = '', side = '', duration = '0'] = process.argv.slice(2);

function writer(): (index: number) => void {
  if (side === 'ours') {
    const events = must(openEvents(path));
    return (index) => void events.insert(eventOf(index));
  }
  const database = new Database(path, { timeout: 5_000 });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  const insert = database.prepare(PLAIN_INSERT);
  return (index) => void insert.run(plainRow(index));
}

const write = writer();
process.once('message', () => {
  const times: number[] = [];
  const end = performance.now() + Number(duration);
  for (let index = 0; performance.now() < end; index += 1) {
    const started = performance.now();
    write(index);
    times.push(performance.now() - started);
  }
  process.send?.(times, () => process.exit(0));
});
process.send?.({ ready: true });
