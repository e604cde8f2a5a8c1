import { expect, it } from 'vitest';
import { probeCommand, probeVersion } from './probe.ts';

/** A PATH on which nothing lies. */
const NOTHING = { PATH: '/nonexistent' };

it.each([
  ['codex', 'codex', 'codex is not on the PATH: run "npm install -g @openai/codex", or choose the runtime "rehearsal"'],
  ['sp', 'Sapling', 'Sapling is not on the PATH: install it so that "sp" runs, or choose the runtime "rehearsal"'],
])('a missing %s is told with the way to get it', async (command, product, detail) => {
  const missing = { ready: false, detail, version: null };
  expect(await probeVersion(command, product, NOTHING)).toEqual(missing);
  expect(await probeCommand(command, product, NOTHING)).toEqual(missing);
});
