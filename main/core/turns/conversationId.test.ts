import { afterEach, expect, it } from 'vitest';
import { createTurnBench, lineOf, type TurnBench } from './turnBench.ts';

/** Spec 01 §3.6, R12: the reference's session hook is the commit of a line here. */
let bench: TurnBench;
afterEach(() => bench.dispose());

async function writesOf(lines: readonly object[]): Promise<readonly (string | null)[]> {
  bench = await createTurnBench();
  bench.agent();
  bench.mail('Task');
  const writes: (string | null)[] = [];
  const { sessions } = bench.stores;
  const update = sessions.updateClaudeSessionId.bind(sessions);
  sessions.updateClaudeSessionId = (agentName, id) => {
    writes.push(id);
    update(agentName, id);
  };
  const run = await bench.turn();
  for (const line of lines) await run.emit(line);
  await run.end(0);
  return writes;
}

it('R12: an id is stored with the first line that has one, and once', async () => {
  const lines = [lineOf.text('before any id'), lineOf.init('sid-1'), lineOf.text('x'), lineOf.result('sid-1')];
  expect(await writesOf(lines)).toEqual(['sid-1']);
  expect(bench.session().claudeSessionId).toBe('sid-1');
});

it('R12: without an id nothing is stored', async () => {
  expect(await writesOf([lineOf.text('x'), { ...lineOf.result('x'), session_id: '' }])).toEqual([]);
});
