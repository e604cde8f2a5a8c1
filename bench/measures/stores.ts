import { once } from 'node:events';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openEvents } from '../../main/core/events/eventStore.ts';
import { firstMessage } from '../lib/engine.ts';
import { eventOf, PLAIN_INSERT, plainRow } from '../lib/events.ts';
import { type BenchContext, type Measure, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { endChild, startScript } from '../lib/processes.ts';
import { temporaryFolder } from '../lib/project.ts';
import { median, now, p99, worst } from '../lib/stats.ts';

/** Rows of one batch: what the engine commits at once from a log. */
const BATCH = 100;
const WRITERS = 4;

/** Operations a second of a piece of work repeated for a while. */
function rate(milliseconds: number, rowsEach: number, work: (index: number) => void): number {
  const started = now();
  let count = 0;
  for (; now() - started < milliseconds; count += 1) work(count);
  return (count * rowsEach * 1_000) / (now() - started);
}

/** Writes of the event store beside plain SQL on the same table, and how long a write waits for three other writers. */
export const stores: Measure = {
  name: 'stores',
  title: 'event writes a second, single and batched, beside plain SQL; worst write of 4 processes',
  async run(context) {
    const folder = await temporaryFolder(context);
    const [oursPath, plainPath] = [join(folder, 'ours.db'), join(folder, 'plain.db')];
    const events = must(openEvents(oursPath));
    // The same tables and indexes, written by plain statements.
    must(openEvents(plainPath)).close();
    const database = new Database(plainPath);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    const insert = database.prepare(PLAIN_INSERT);
    const insertBatch = database.transaction((rows: readonly number[]) => {
      for (const index of rows) insert.run(plainRow(index));
    });
    const indexes = Array.from({ length: BATCH }, (_, index) => index);
    const rates: Record<'single' | 'plainSingle' | 'batch' | 'plainBatch', number[]> = {
      single: [],
      plainSingle: [],
      batch: [],
      plainBatch: [],
    };
    const slice = context.pick(250, 100);
    for (let round = 0; round < context.pick(8, 4); round += 1) {
      const sides = [
        () => rates.single.push(rate(slice, 1, (index) => void events.insert(eventOf(index)))),
        () => rates.plainSingle.push(rate(slice, 1, (index) => void insert.run(plainRow(index)))),
        () => rates.batch.push(rate(slice, BATCH, () => void events.insertMany(indexes.map(eventOf)))),
        () => rates.plainBatch.push(rate(slice, BATCH, () => insertBatch(indexes))),
      ];
      for (const side of round % 2 === 0 ? sides : sides.reverse()) side();
    }
    events.close();
    database.close();
    const middle = (name: keyof typeof rates): number => median(rates[name]);
    const ours: number[] = [];
    const plain: number[] = [];
    for (let round = 0; round < context.pick(3, 1); round += 1) {
      ours.push(...(await crowd(context, oursPath, 'ours')));
      plain.push(...(await crowd(context, plainPath, 'plain')));
    }
    const goal = { of: 'ratio', is: 'atLeast', value: 0.9 } as const;
    return [
      row({
        name: 'event writes, one by one',
        ours: middle('single'),
        reference: middle('plainSingle'),
        unit: 'rows/s',
        goal,
        note: 'ref: a prepared statement on the same table',
      }),
      row({
        name: `event writes, batches of ${BATCH}`,
        ours: middle('batch'),
        reference: middle('plainBatch'),
        unit: 'rows/s',
        goal,
        note: `${(middle('batch') / middle('single')).toFixed(1)}x of one by one`,
      }),
      row({
        name: `worst write, ${WRITERS} writing processes`,
        ours: worst(ours),
        reference: worst(plain),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value: 50 },
        note: `ref: plain SQL with busy_timeout; ours p50 ${median(ours).toFixed(3)}, p99 ${p99(ours).toFixed(2)} ms of ${ours.length} writes; plain p50 ${median(plain).toFixed(3)}, p99 ${p99(plain).toFixed(2)} ms of ${plain.length}`,
      }),
    ];
  },
};

async function crowd(context: BenchContext, path: string, side: 'ours' | 'plain'): Promise<number[]> {
  const script = join(import.meta.dirname, '../children/storeWriter.ts');
  const children = Array.from({ length: WRITERS }, () =>
    startScript(script, [path, side, String(context.pick(3_000, 1_000))], import.meta.dirname),
  );
  for (const child of children) context.defer(() => endChild(child));
  await Promise.all(children.map((child) => firstMessage(child)));
  const told = children.map((child) => once(child, 'message'));
  for (const child of children) child.send('go');
  const times = (await Promise.all(told)) as [number[]][];
  return times.flatMap(([samples]) => samples);
}
