import { expect, test } from 'vitest';
import { agentActions } from '../actions/agentActions.tsx';
import { roomActions } from '../actions/roomActions.tsx';
import { screenActions } from './screens.tsx';

const SPECS = import.meta.glob<string>('../../e2e/specs/*.spec.ts', { query: '?raw', import: 'default', eager: true });

/** `did([ids], means)` of e2e/support/stage.ts, which fails in the spec when an action was not set off by that. */
const DID = /\bdid\(\s*\[([^\]]*)\],\s*'(mouse|palette|keyboard)',?\s*\)/g;

/** What the end-to-end specs set off, as `id means`. */
function performed(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const text of Object.values(SPECS)) {
    for (const [, ids = '', means = ''] of text.matchAll(DID))
      for (const [, id = ''] of ids.matchAll(/'([^']+)'/g)) found.add(`${id} ${means}`);
  }
  return found;
}

/**
 * Leads away from the project: the specs of the first run go through the rehearsal, the desktop's own through closing,
 * which only it can, outside of any stage.
 */
const ELSEWHERE: readonly string[] = ['demo.start', 'project.close'];
/** One function made for each kind of drill: what holds for a repeating agent holds for them all, and each takes seconds. */
const kindOf = (id: string): string => (id.startsWith('drill.') && id !== 'drill.cancel' ? 'drill.loop' : id);

const all = [...roomActions, ...agentActions, ...screenActions].map(({ id }) => id);
const ids = new Set(all.filter((id) => !ELSEWHERE.includes(id)).map(kindOf));

test('every action is performed by mouse and by keyboard in an end-to-end spec', () => {
  const done = performed();
  expect([...ids].filter((id) => !done.has(`${id} keyboard`))).toEqual([]);
  expect([...ids].filter((id) => !done.has(`${id} mouse`) && !done.has(`${id} palette`))).toEqual([]);
});

test('the specs name no action that does not exist', () => {
  const known = new Set(all);
  expect([...performed()].map((one) => one.split(' ')[0] ?? '').filter((id) => !known.has(id))).toEqual([]);
});
