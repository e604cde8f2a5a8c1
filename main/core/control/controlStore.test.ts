import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskColumn } from '../../../contract/tasks.ts';
import { createTestClock, createTestFolder, must, type TestFolder } from '../db/testing/folder.ts';
import { type ControlStore, openControl } from './controlStore.ts';
import { type NewTask, positionBetween } from './controlStoreTasks.ts';

let folder: TestFolder;
let clock: ReturnType<typeof createTestClock>;
let control: ControlStore;

beforeEach(async () => {
  folder = await createTestFolder();
  clock = createTestClock(Date.parse('2026-04-01T10:00:00.000Z'));
  control = folder.keep(must(openControl(folder.file('control-room.db'), { clock })));
});
afterEach(() => folder.dispose());

const task = (id: string, overrides: Partial<NewTask> = {}): NewTask => ({
  id,
  title: `Task ${id}`,
  description: '',
  column: 'ready',
  priority: 2,
  files: [],
  blockedBy: [],
  ...overrides,
});
const inColumn = (column: TaskColumn): string[] =>
  control
    .listTasks()
    .filter((card) => card.column === column)
    .map((card) => card.id);

describe('tasks', () => {
  it('a new card keeps every field and stands last in its column', () => {
    must(control.createTask(task('a')));
    const card = must(
      control.createTask(
        task('b', { description: 'd', priority: 0, files: ['x.ts'], blockedBy: ['a'], agent: 'n', note: 'm' }),
      ),
    );
    expect(card).toEqual({
      ...task('b', { description: 'd', priority: 0, files: ['x.ts'], blockedBy: ['a'], agent: 'n', note: 'm' }),
      position: expect.any(Number),
      createdAt: '2026-04-01T10:00:00.000Z',
      updatedAt: '2026-04-01T10:00:00.000Z',
    });
    expect(control.getTask('b')).toEqual(card);
    expect(control.getTask('z')).toBeNull();
    expect(inColumn('ready')).toEqual(['a', 'b']);
    expect(control.createTask(task('a'))).toMatchObject({ ok: false, error: { tag: 'conflict', field: 'id' } });
  });

  it('a change keeps what it does not name; a new column means its end', () => {
    must(control.createTask(task('a')));
    must(control.createTask(task('b', { column: 'review' })));
    clock.advance(1_000);
    const changed = must(control.updateTask('a', { note: 'clean · $0.22', column: 'review' }));
    expect(changed).toMatchObject({
      title: 'Task a',
      note: 'clean · $0.22',
      createdAt: '2026-04-01T10:00:00.000Z',
      updatedAt: '2026-04-01T10:00:01.000Z',
    });
    expect(inColumn('review')).toEqual(['b', 'a']);
    const before = control.getTask('a')?.position;
    must(control.updateTask('a', { column: 'review', title: 'new' }));
    expect(control.getTask('a')).toMatchObject({ position: before, title: 'new' });
    expect(control.updateTask('z', {})).toMatchObject({ ok: false, error: { tag: 'notFound' } });
  });

  it('a card can be placed before another, last, or into another column', () => {
    for (const id of ['a', 'b', 'c']) must(control.createTask(task(id)));
    must(control.placeTask('c', 'ready', 'a'));
    expect(inColumn('ready')).toEqual(['c', 'a', 'b']);
    must(control.placeTask('c', 'ready', 'b'));
    expect(inColumn('ready')).toEqual(['a', 'c', 'b']);
    must(control.placeTask('a', 'ready', null));
    expect(inColumn('ready')).toEqual(['c', 'b', 'a']);
    must(control.placeTask('b', 'done', null));
    expect(inColumn('ready')).toEqual(['c', 'a']);
    expect(inColumn('done')).toEqual(['b']);
    must(control.placeTask('b', 'ready', 'gone'));
    expect(inColumn('ready')).toEqual(['c', 'a', 'b']);
    expect(control.placeTask('z', 'ready', null).ok).toBe(false);
    expect(control.deleteTask('a')).toBe(true);
    expect(control.deleteTask('a')).toBe(false);
  });

  it('lists in board order', () => {
    must(control.createTask(task('done-1', { column: 'done' })));
    must(control.createTask(task('ready-1')));
    must(control.createTask(task('backlog-1', { column: 'backlog' })));
    expect(control.listTasks().map((card) => card.id)).toEqual(['backlog-1', 'ready-1', 'done-1']);
  });

  it('the column keeps its order through a hundred moves into one gap', () => {
    for (const id of ['a', 'b', 'c', 'd']) must(control.createTask(task(id)));
    for (let index = 0; index < 100; index += 1) must(control.placeTask(index % 2 === 0 ? 'c' : 'd', 'ready', 'b'));
    expect(inColumn('ready')).toEqual(['a', 'c', 'd', 'b']);
  });

  it('any sequence of moves gives the order a plain list would have', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids, null)), { maxLength: 15 }),
        (moves) => {
          for (const id of ids) control.deleteTask(id);
          for (const id of ids) must(control.createTask(task(id)));
          let model = [...ids];
          for (const [id, before] of moves) {
            must(control.placeTask(id, 'ready', before));
            model = model.filter((other) => other !== id);
            const at = before === null ? -1 : model.indexOf(before);
            model.splice(at === -1 ? model.length : at, 0, id);
          }
          expect(inColumn('ready')).toEqual(model);
        },
      ),
      { numRuns: 25 },
    );
  });

  it.each([
    [null, null, 1_024],
    [null, 1_024, 0],
    [1_024, null, 2_048],
    [1, 2, 1.5],
    [1, 1, null],
    [1, 1.000_000_1, null],
  ])('the position between %s and %s is %s', (above, below, position) => {
    expect(positionBetween(above, below)).toBe(position);
  });
});

describe('what else the control room keeps', () => {
  it('launch settings of agents, with a reason that can change alone', () => {
    const settings = {
      agentName: 'a',
      runtime: 'claude',
      model: null,
      specPath: '/s.md',
      files: ['x.ts'],
      reason: null,
    };
    expect(control.getAgentSettings('a')).toBeNull();
    control.putAgentSettings(settings);
    expect(control.getAgentSettings('a')).toEqual(settings);
    control.setAgentReason('a', 'gave up');
    control.setAgentReason('nobody', 'x');
    expect(control.listAgentSettings()).toEqual([{ ...settings, reason: 'gave up' }]);
    control.putAgentSettings({ ...settings, model: 'opus' });
    expect(control.getAgentSettings('a')).toEqual({ ...settings, model: 'opus' });
    control.removeAgentSettings('a');
    expect(control.listAgentSettings()).toEqual([]);
  });

  it('outcomes of merges', () => {
    const outcome = {
      queueId: 3,
      target: 'main',
      tier: 'auto-resolve',
      conflictFiles: ['a.ts'],
      error: 'conflict',
      warnings: ['w'],
      finishedAt: '2026-04-01T10:00:00.000Z',
    } as const;
    expect(control.getMergeOutcome(3)).toBeNull();
    control.putMergeOutcome(outcome);
    control.putMergeOutcome({ ...outcome, error: null });
    expect(control.listMergeOutcomes()).toEqual([{ ...outcome, error: null }]);
    control.removeMergeOutcome(3);
    expect(control.getMergeOutcome(3)).toBeNull();
  });

  it('dismissed items and settings', () => {
    control.dismiss('dead:a');
    control.dismiss('dead:a');
    expect(control.dismissed()).toEqual(new Set(['dead:a']));
    expect(control.getSetting('paused')).toBeUndefined();
    control.putSetting('paused', true);
    control.putSetting('paused', { since: 1 });
    expect(control.getSetting('paused')).toEqual({ since: 1 });
  });

  it('everything outlives the connection', () => {
    control.putSetting('paused', true);
    must(control.createTask(task('a')));
    control.close();
    const again = folder.keep(must(openControl(folder.file('control-room.db'))));
    expect(again.getSetting('paused')).toBe(true);
    expect(again.listTasks()).toHaveLength(1);
  });

  it('a file of a newer version is refused and left as it is', () => {
    control.close();
    const raw = new Database(folder.file('control-room.db'));
    raw.pragma('user_version = 99');
    const refused = openControl(folder.file('control-room.db'));
    expect(refused).toMatchObject({ ok: false, error: { tag: 'unavailable', data: { found: 99, known: 1 } } });
    expect(!refused.ok && refused.error.message).toContain('newer version');
    expect(raw.pragma('user_version', { simple: true })).toBe(99);
    raw.close();
  });
});

describe('engine lease', () => {
  const claim = (instanceId: string, pid = 10) => ({ pid, startTime: '77', instanceId });

  it('goes to the first; a second engine is told who holds it', () => {
    expect(control.readLease()).toBeNull();
    const held = must(control.claimLease(claim('one'), () => true));
    expect(held).toEqual({ ...claim('one'), acquiredAt: '2026-04-01T10:00:00.000Z' });
    expect(control.readLease()).toEqual(held);
    const refused = control.claimLease(claim('two', 11), (holder) => {
      expect(holder).toEqual(held);
      return true;
    });
    expect(refused).toMatchObject({ ok: false, error: { tag: 'conflict', data: { holder: held } } });
    expect(control.readLease()?.instanceId).toBe('one');
  });

  it('of a dead engine is taken over, and its own is renewed without asking', () => {
    must(control.claimLease(claim('one'), () => true));
    must(control.claimLease(claim('one', 12), () => true));
    expect(control.readLease()?.pid).toBe(12);
    must(control.claimLease(claim('two'), () => false));
    expect(control.readLease()?.instanceId).toBe('two');
  });

  it('is given back only by its holder', () => {
    must(control.claimLease(claim('one'), () => true));
    expect(control.releaseLease('two')).toBe(false);
    expect(control.readLease()?.instanceId).toBe('one');
    expect(control.releaseLease('one')).toBe(true);
    expect(control.readLease()).toBeNull();
    expect(control.releaseLease('one')).toBe(false);
  });
});
