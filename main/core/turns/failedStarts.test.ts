import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLifecycle } from '../agents/lifecycle.ts';
import { NO_CHANGES } from '../changes.ts';
import { createTestClock } from '../db/testing/folder.ts';
import { createMailService } from '../mail/mailService.ts';
import { createStartTroubles } from './startTroubles.ts';
import { createTurnBench, lineOf, type TurnBench } from './turnBench.ts';

let bench: TurnBench;
afterEach(() => bench.dispose());

async function set(): Promise<void> {
  bench = await createTurnBench();
  bench.agent();
}

const delivery = (id: string) => bench.stores.mail.getById(id)?.delivery;
/** Refuses every insert into a table of events.db, as a full disk would. */
const refuseTurns = (): void => {
  const { database } = bench.stores.connections.events;
  database.exec(
    "CREATE TRIGGER refused BEFORE INSERT ON ocr_turns BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END",
  );
};

describe('a turn that cannot be written down', () => {
  it('is tried again with growing waits; no attempt is counted, no mail lost', async () => {
    await set();
    // Where the folder of this agent's logs has to be lies a file, so no turn of it can be written.
    await writeFile(join(bench.directory, 'logs'), '');
    const id = bench.mail('Task');
    const waits: number[] = [];
    for (let time = 0; time < 9; time++) {
      await bench.engine.start('ann');
      const next = Date.parse(delivery(id)?.nextAttemptAt ?? '');
      waits.push(next - bench.clock.now());
      // Before its time nothing is tried.
      await bench.engine.start('ann');
      expect(Date.parse(delivery(id)?.nextAttemptAt ?? '')).toBe(next);
      bench.clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000));
    expect(delivery(id)).toMatchObject({ state: 'queued', attempts: 0 });
    expect([bench.session().state, bench.runs.length]).toEqual(['booting', 0]);
    expect(bench.logged.filter(({ message }) => message === 'turn could not be written down')).toHaveLength(9);
  });

  it('calls a person once for each cause, and takes that back when a turn begins', async () => {
    await set();
    await writeFile(join(bench.directory, 'logs'), '');
    bench.mail('Task');
    await bench.engine.start('ann');
    const { troubles } = bench.engine;
    const [item, ...more] = troubles.items();
    expect(more).toEqual([]);
    expect(item).toMatchObject({ kind: 'error', agent: 'ann', title: 'ann cannot begin its turn' });
    expect(item?.detail).toMatch(/^something else lies where .*logs needs a file or a folder .*: move it away\./);
    expect(troubles.retryOf('ann')).toMatchObject({ attempt: 1 });
    bench.clock.advance(1_000);
    await bench.engine.start('ann');
    expect(troubles.items().map(({ id }) => id)).toEqual([item?.id]);

    await rm(join(bench.directory, 'logs'));
    bench.clock.advance(60_000);
    await bench.play([lineOf.init('sid-1'), lineOf.result('sid-1')]);
    expect(troubles.items()).toEqual([]);
    expect(bench.session().state).toBe('between_turns');
  });

  it('many agents with one cause are one matter', () => {
    const many = createStartTroubles(createTestClock(0), () => {});
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) many.failed(name, 'the disk is full');
    many.failed('x', 'no access');
    expect(many.items().map(({ title }) => title)).toEqual([
      '7 agents cannot begin their turns: a, b, c, d, e and 2 more',
      'x cannot begin its turn',
    ]);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) many.over(name);
    expect(many.items()).toHaveLength(1);
  });

  it('a database that refuses the turn gives the mail back as well', async () => {
    await set();
    const id = bench.mail('Task');
    refuseTurns();
    await bench.engine.start('ann');
    expect(delivery(id)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(bench.engine.troubles.items()).toHaveLength(1);
  });

  it('mail whose giving back failed too is given back at the next look', async () => {
    await set();
    const id = bench.mail('Task');
    refuseTurns();
    const { database } = bench.stores.connections.mail;
    database.exec(
      "CREATE TRIGGER refused BEFORE UPDATE ON ocr_delivery WHEN new.state = 'queued' BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END",
    );
    await bench.engine.start('ann');
    expect(delivery(id)).toMatchObject({ state: 'injected' });
    database.exec('DROP TRIGGER refused');
    bench.stores.connections.events.database.exec('DROP TRIGGER refused');
    await bench.engine.reconcile();
    expect(delivery(id)).toMatchObject({ state: 'queued', attempts: 0 });
    await bench.play([lineOf.init('sid-1'), lineOf.result('sid-1')]);
    expect(bench.stores.mail.getById(id)?.read).toBe(true);
  });
});

describe('a nudge', () => {
  it('in mid-turn gives an agent that always hangs no attempt more', async () => {
    bench = await createTurnBench({ maxAttempts: 3 });
    bench.agent();
    const { stores, engine, holds } = bench;
    const lifecycle = createLifecycle({
      log: () => {},
      clock: bench.clock,
      sessions: stores.sessions,
      control: stores.control,
      mail: stores.mail,
      mailService: createMailService({
        overstoryDirectory: bench.directory,
        mail: stores.mail,
        sessions: stores.sessions,
        events: stores.events,
        changes: NO_CHANGES,
      }),
      events: stores.events,
      engine,
      holds,
      takeOvers: {} as Parameters<typeof createLifecycle>[0]['takeOvers'],
      changes: NO_CHANGES,
      wake() {},
    });
    bench.mail('Task');
    let turns = 0;
    for (let look = 0; look < 200 && bench.session().state !== 'zombie'; look++) {
      bench.clock.advance(50);
      await engine.start('ann');
      if (bench.runs.length === turns) continue;
      turns = bench.runs.length;
      await bench.runs[turns - 1]?.emit(lineOf.init('sid-1'));
      await lifecycle.nudge('ann', 'how far are you?', 'watchdog');
      await engine.interrupt('ann', 'stall');
      while (engine.isBusy('ann')) await new Promise((resolve) => setImmediate(resolve));
    }
    expect([bench.session().state, turns]).toEqual(['zombie', 3]);
  });

  it('ends the waiting for the next attempt, with all mail in one turn', async () => {
    bench = await createTurnBench();
    bench.agent();
    bench.mail('Task');
    await bench.play([lineOf.init('sid-1'), lineOf.result('sid-1', { is_error: true })], 1);
    bench.mail('Later');
    await bench.engine.start('ann');
    expect(bench.runs).toHaveLength(1);
    bench.stores.mail.hasten('ann');
    // Turns of one agent are named by their time.
    bench.clock.advance(1);
    await bench.engine.start('ann');
    expect(bench.runs).toHaveLength(2);
    expect(bench.stores.turns.latestForAgent('ann')?.prompt).toMatch(/Task[\s\S]*Later/);
  });
});
