import { writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { createTurnBench, lineOf, type TurnBench } from './turnBench.ts';

/** A turn's end is told by the pty host, found by the watchdog and by whoever connects again: it counts once. */
let bench: TurnBench;
afterEach(() => bench.dispose());

const settled = async (): Promise<void> => {
  while (bench.engine.isBusy('ann')) await new Promise((resolve) => setImmediate(resolve));
};

it.each([
  ['a clean end', 0, null],
  ['a crash', 9, null],
  ['an end by signal', null, 15],
])('%s that everybody tells of at once is settled once', async (_what, code, signal) => {
  bench = await createTurnBench();
  bench.agent({ parentAgent: 'lead-x' });
  const id = bench.mail('Task');
  const run = await bench.turn();
  await run.emit(lineOf.init('sid-1'), ...(code === 0 ? [lineOf.result('sid-1')] : []));
  const { engine } = bench;
  await Promise.all([
    run.end(code, signal),
    engine.onRunEnded(run.request.tag),
    engine.reconcile(),
    engine.interrupt('ann', 'stall'),
    engine.interrupt('ann', 'stall'),
    engine.reconcile(),
    engine.onRunEnded(run.request.tag),
  ]);
  await settled();
  await engine.onRunEnded(run.request.tag);
  await engine.reconcile();
  expect([bench.ended.length, bench.eventsOf('turn_end').length]).toEqual([1, 1]);
  expect(bench.stores.turns.listByAgent('ann', 10)).toHaveLength(1);
  expect(bench.stores.mail.getById(id)?.delivery?.attempts).toBe(1);
});

it('an exit record that was cut short says that the process is over and no more', async () => {
  bench = await createTurnBench();
  bench.agent();
  bench.mail('Task');
  const run = await bench.turn();
  await run.emit(lineOf.init('sid-1'));
  await writeFile(run.request.files.exit, '{"pid":1,"co');
  await bench.engine.onRunEnded(run.request.tag);
  await settled();
  expect(bench.ended[0]).toMatchObject({
    outcome: { kind: 'retry' },
    reason: 'process is gone and left no exit record',
  });
});

it('a turn that always hangs is ended by the watchdog and settled once for each of its attempts', async () => {
  bench = await createTurnBench({ maxAttempts: 2 });
  bench.agent({ parentAgent: 'lead-x' });
  bench.mail('Task');
  for (let attempt = 1; attempt <= 2; attempt++) {
    const run = await bench.turn();
    await run.emit(lineOf.init('sid-1'));
    await Promise.all([
      bench.engine.interrupt('ann', 'stall'),
      bench.engine.interrupt('ann', 'stall'),
      bench.engine.reconcile(),
    ]);
    await settled();
  }
  expect(bench.ended.map((turn) => turn.outcome.kind)).toEqual(['retry', 'dead']);
  expect(bench.stores.mail.getAll({ type: 'worker_died' })).toHaveLength(1);
});
