import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeTestFolder, testFolder } from '../../platform/testFolders.ts';
import { type Connection, openDatabase } from '../db/openDatabase.ts';
import { buildObserved, createObserved, type Observed } from './observedTable.ts';

let folder: string;
let connection: Connection;
beforeEach(async () => {
  folder = await testFolder('observed');
  const opened = openDatabase(join(folder, 'control-room.db'));
  if (!opened.ok) throw new Error(opened.error.message);
  connection = opened.value;
  createObserved(connection);
});
afterEach(async () => {
  connection.close();
  await removeTestFolder(folder);
});

const seen = (key: string, at: number): Observed => ({ at, kind: 'evidence', key, value: { at } });

it('keeps the newest rows whatever their age, and what still holds of each thing', () => {
  const observed = buildObserved(connection, 10);
  observed.put([seen('quiet', 1), ...Array.from({ length: 30 }, (_, index) => seen('busy', index + 2))]);
  expect(observed.forgetBefore(0)).toBe(19);
  const left = observed.between(0, 100, 1_000, ['evidence']);
  expect(left.map((event) => [event.key, event.id])).toEqual([
    ['quiet', 1],
    // The newest of what is too old: what was true when the kept ones begin.
    ...Array.from({ length: 11 }, (_, index) => ['busy', index + 21]),
  ]);
  expect(observed.forgetBefore(0)).toBe(0);
});

it('forgets what is older than asked, also when there is little', () => {
  const observed = buildObserved(connection, 10);
  observed.put([seen('ann', 1), seen('ann', 2), seen('ann', 3), { ...seen('gone', 1), value: null }]);
  expect(observed.forgetBefore(3)).toBe(2);
  expect(observed.before(10).map((event) => event.id)).toEqual([3]);
});
