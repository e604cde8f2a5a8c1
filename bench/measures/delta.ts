import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { WebSocket } from 'ws';
import type { RoomClient } from '../../contract/room.ts';
import { openMail } from '../../main/core/mail/mailStore.ts';
import type { Ready } from '../children/messages.ts';
import { firstMessage, startEngine } from '../lib/engine.ts';
import { type BenchContext, type Measure, type Row, row } from '../lib/measure.ts';
import { must } from '../lib/must.ts';
import { endChild, startScript } from '../lib/processes.ts';
import { benchProject, temporaryFolder } from '../lib/project.ts';
import { median, now, p99 } from '../lib/stats.ts';

/** A word that something writes, and the moments at which others see it. */
interface Watcher {
  saw(word: string): Promise<number>;
}

/** Milliseconds until a word counts as lost. */
const LOST_MS = 5_000;
/** Milliseconds of rest before each word, drawn anew: longer and shorter than a joined batch of deltas. */
const REST_MS = { least: 5, spread: 40 };

function watcher(listen: (tell: (word: string) => void) => void): Watcher {
  const waiting = new Map<string, (at: number) => void>();
  listen((word) => waiting.get(word)?.(now()));
  return {
    saw: (word) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`"${word}" was never seen`)), LOST_MS);
        waiting.set(word, (at) => {
          clearTimeout(timer);
          waiting.delete(word);
          resolve(at);
        });
      }),
  };
}

async function mailWatcher(client: RoomClient): Promise<Watcher> {
  must(await client.snapshot('mail'));
  return watcher((tell) => {
    client.subscribe('mail', (_state, delta) => {
      for (const mail of delta?.put ?? []) tell(mail.subject);
    });
  });
}

interface Floor {
  readonly unix: Watcher;
  readonly web: Watcher;
  write(word: string): void;
  readonly database: string;
}

async function startFloor(context: BenchContext): Promise<Floor> {
  const folder = await temporaryFolder(context);
  const path = join(folder, 's');
  const child = startScript(join(import.meta.dirname, '../children/floor.ts'), [path, folder], folder);
  context.defer(() => endChild(child));
  const port = (await firstMessage<Ready>(child)).info as number;
  const [writer, reader] = [connect(path), connect(path)];
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  context.defer(() => {
    writer.destroy();
    reader.destroy();
    socket.terminate();
  });
  await Promise.all([once(writer, 'connect'), once(reader, 'connect'), once(socket, 'open')]);
  return {
    unix: watcher((tell) => reader.on('data', (bytes) => bytes.toString().split('\n').forEach(tell))),
    web: watcher((tell) => socket.on('message', (data) => tell(String(data)))),
    write: (word) => void writer.write(`${word}\n`),
    database: join(folder, 'floor.db'),
  };
}

/** A commit, until another client has it: through the engine, and written by another process past it. */
export const delta: Measure = {
  name: 'delta',
  title: "commit until another client's topic delta: unix socket, WebSocket, foreign process; mails lost",
  async run(context) {
    const project = await benchProject(context);
    const engine = await startEngine(context, project.root);
    const floor = await startFloor(context);
    const [writer, unixFace, webFace] = [await engine.client(), await engine.client(), await engine.webClient()];
    const [unix, web] = [await mailWatcher(unixFace), await mailWatcher(webFace)];
    const foreign = must(openMail(join(project.overstory, 'mail.db')));
    context.defer(() => foreign.close());
    const plain = new Database(floor.database);
    context.defer(() => plain.close());
    const plainInsert = plain.prepare('INSERT INTO mail (subject) VALUES (?)');
    const send = (subject: string) => writer.call('mail.send', { to: 'operator', subject, body: 'b' });

    const times = { unix: [], web: [], floorUnix: [], floorWeb: [], foreign: [], floorForeign: [] } as Record<
      'unix' | 'web' | 'floorUnix' | 'floorWeb' | 'foreign' | 'floorForeign',
      number[]
    >;
    const take = async (write: (word: string) => unknown, word: string, ends: readonly [Watcher, number[]][]) => {
      await sleep(REST_MS.least + Math.random() * REST_MS.spread);
      const seen = ends.map(([end]) => end.saw(word));
      const started = now();
      write(word);
      const moments = await Promise.all(seen);
      for (const [index, [, into]] of ends.entries()) into.push((moments[index] ?? Number.NaN) - started);
    };
    const warm = 5;
    const rounds = context.pick(250, 25) + warm;
    for (let round = 0; round < rounds; round += 1) {
      if (round === warm) for (const samples of Object.values(times)) samples.length = 0;
      await take(send, `own ${round}`, [
        [unix, times.unix],
        [web, times.web],
      ]);
      await take(floor.write, `own ${round}`, [
        [floor.unix, times.floorUnix],
        [floor.web, times.floorWeb],
      ]);
      // The clock starts after the commit: the write itself belongs to the other process.
      const other = `foreign ${round}`;
      await take((word) => must(foreign.insert({ from: 'x', to: 'operator', subject: word, body: 'b' })), other, [
        [web, times.foreign],
      ]);
      await take((word) => plainInsert.run(word), other, [[floor.web, times.floorForeign]]);
    }
    const lost = await countLost(context, send, webFace);
    const both = (what: string, ours: readonly number[], reference: readonly number[], note: string): Row[] => [
      row({
        name: `${what}, p50`,
        ours: median(ours),
        reference: median(reference),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value: 5 },
        note,
      }),
      row({
        name: `${what}, p99`,
        ours: p99(ours),
        reference: p99(reference),
        unit: 'ms',
        goal: { of: 'ours', is: 'atMost', value: 25 },
      }),
    ];
    return [
      ...both('mail sent -> delta, unix socket', times.unix, times.floorUnix, 'ref: SQLite insert and a bare socket'),
      ...both('mail sent -> delta, WebSocket', times.web, times.floorWeb, 'ref: SQLite insert and bare ws'),
      ...both('foreign commit -> delta, WebSocket', times.foreign, times.floorForeign, 'ref: WAL watch and bare ws'),
      row({
        name: 'mails of one burst lost on the way to a screen',
        ours: lost.lost,
        unit: '',
        goal: { of: 'ours', is: 'atMost', value: 0 },
        note: `of ${lost.sent} sent at once; overstory lost 4 of 40`,
      }),
    ];
  },
};

async function countLost(
  context: BenchContext,
  send: (subject: string) => Promise<unknown>,
  face: RoomClient,
): Promise<{ readonly sent: number; readonly lost: number }> {
  const sent = context.pick(200, 100);
  const missing = new Set(Array.from({ length: sent }, (_, index) => `burst ${index}`));
  const { promise: complete, resolve } = Promise.withResolvers<void>();
  const end = face.subscribe('mail', (_state, change) => {
    for (const mail of change?.put ?? []) missing.delete(mail.subject);
    if (missing.size === 0) resolve();
  });
  await Promise.all([...missing].map((subject) => send(subject)));
  await Promise.race([complete, sleep(LOST_MS)]);
  end();
  return { sent, lost: missing.size };
}
