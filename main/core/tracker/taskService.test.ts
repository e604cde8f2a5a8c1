import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentState } from '../../../contract/agents.ts';
import type { AttentionItem } from '../../../contract/attention.ts';
import type { MergeView } from '../../../contract/merges.ts';
import { CreateTaskInput, TaskView } from '../../../contract/tasks.ts';
import { type ControlStore, openControl } from '../control/controlStore.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { idPrefix, nextNumber } from './taskIds.ts';
import { createTaskService, type TaskService } from './taskService.ts';

let root = '';
let control: ControlStore;
let sessions: AgentSession[] = [];
let merges: MergeView[] = [];
let questions: Record<string, AttentionItem> = {};
let changes = 0;

function openStore(): void {
  const opened = openControl(join(root, '.overstory', 'control-room.db'));
  if (!opened.ok) throw new Error(opened.error.message);
  control = opened.value;
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ocr-tasks-'));
  await mkdir(join(root, '.overstory'));
  openStore();
  sessions = [];
  merges = [];
  questions = {};
  changes = 0;
});
afterEach(async () => {
  control.close();
  await rm(root, { recursive: true, force: true });
});

function service(projectName = 'billing-service'): TaskService {
  return createTaskService({
    projectRoot: root,
    projectName,
    control,
    sessions: { getAll: () => sessions },
    merges: () => merges,
    questions: () => questions,
    costOf: () => 0.22,
    onChange: () => {
      changes += 1;
    },
  });
}

function create(tasks: TaskService, title: string, more: Partial<CreateTaskInput> = {}): TaskView {
  const created = tasks.create({ ...CreateTaskInput.parse({ title }), ...more });
  if (!created.ok) throw new Error(created.error.message);
  return TaskView.parse(created.value);
}

function session(agentName: string, taskId: string, state: AgentState, capability = 'builder'): AgentSession {
  return {
    id: `session-${agentName}`,
    agentName,
    capability,
    worktreePath: '/w',
    branchName: `overstory/${agentName}/${taskId}`,
    taskId,
    tmuxSession: '',
    state,
    pid: null,
    parentAgent: null,
    depth: 0,
    runId: null,
    startedAt: '2026-01-01T10:00:00.000Z',
    lastActivity: '2026-01-01T10:00:00.000Z',
    escalationLevel: 0,
    stalledSince: null,
    transcriptPath: null,
  } as AgentSession;
}

function merge(taskId: string, status: MergeView['status']): MergeView {
  return {
    id: 1,
    branchName: `overstory/csv-writer/${taskId}`,
    taskId,
    agentName: 'csv-writer',
    filesModified: [],
    enqueuedAt: '2026-01-01T11:00:00.000Z',
    status,
    resolvedTier: status === 'merged' ? 'clean-merge' : null,
    target: 'main',
    conflictFiles: [],
    errorMessage: null,
    warnings: [],
    finishedAt: status === 'merged' ? '2026-01-01T11:00:01.000Z' : null,
  };
}

const titles = (tasks: TaskService, column: string) =>
  tasks
    .list()
    .filter((task) => task.column === column)
    .map((task) => task.title);
const card = (tasks: TaskService, id: string) => tasks.list().find((task) => task.id === id);

describe('ids', () => {
  it.each([
    ['billing-service', 'BS'],
    ['InvoiceExportTool', 'IET'],
    ['a b c d e f', 'ABCD'],
    ['overstory', 'OV'],
    ['my_app.2024', 'MA'],
    ['', 'OV'],
    ['42', 'OV'],
    ['日本 語', 'OV'],
  ])('prefix of %s is %s', (name, prefix) => {
    expect(idPrefix(name)).toBe(prefix);
  });

  it('the next number is above every number known or given', () => {
    expect(nextNumber('OV', [], 0)).toBe(1);
    expect(nextNumber('OV', ['OV-3', 'OV-12', 'XX-99', 'OV-x', 'OV-7-review'], 5)).toBe(13);
    expect(nextNumber('OV', ['OV-3'], 20)).toBe(21);
  });

  it('count on, also past deleted cards, past specs and past agents of earlier tasks', async () => {
    await mkdir(join(root, '.overstory', 'specs'), { recursive: true });
    await writeFile(join(root, '.overstory', 'specs', 'BS-4.md'), '# Old\n');
    const tasks = service();
    await tasks.settled();
    expect(create(tasks, 'one').id).toBe('BS-5');
    expect(tasks.delete('BS-5').ok).toBe(true);
    expect(create(tasks, 'two').id).toBe('BS-6');
    sessions = [session('a', 'BS-9', 'completed')];
    expect(create(tasks, 'three').id).toBe('BS-10');
  });

  it('a chosen id is kept, and a taken one is a conflict', () => {
    const tasks = service();
    expect(create(tasks, 'x', { id: 'csv' }).id).toBe('csv');
    expect(tasks.create({ ...CreateTaskInput.parse({ title: 'y' }), id: 'csv' })).toMatchObject({
      ok: false,
      error: { tag: 'conflict' },
    });
  });
});

describe('cards', () => {
  it('a new card is in Ready with its defaults, and the board hears of it', () => {
    const tasks = service();
    const made = create(tasks, 'CSV writer', { files: ['src/csv.ts'] });
    expect(made).toMatchObject({
      column: 'ready',
      priority: 2,
      files: ['src/csv.ts'],
      agent: null,
      note: null,
      specPath: null,
    });
    expect(tasks.list()).toEqual([made]);
    expect(changes).toBe(1);
  });

  it('can only wait for a card that exists, and forgets one that is deleted', () => {
    const tasks = service();
    expect(tasks.create({ ...CreateTaskInput.parse({ title: 'x' }), blockedBy: ['ghost'] })).toMatchObject({
      ok: false,
      error: { tag: 'validation', field: 'blockedBy', message: expect.stringContaining('ghost') },
    });
    const first = create(tasks, 'first');
    const second = create(tasks, 'second', { blockedBy: [first.id] });
    expect(second.blockedBy).toEqual([first.id]);
    tasks.delete(first.id);
    expect(card(tasks, second.id)?.blockedBy).toEqual([]);
  });

  it('changes only what is given', () => {
    const tasks = service();
    const { id } = create(tasks, 'old', { description: 'kept', files: ['a'] });
    expect(tasks.update({ id, title: 'new', priority: 0 })).toMatchObject({
      ok: true,
      value: { title: 'new', priority: 0, description: 'kept', files: ['a'], column: 'ready' },
    });
    expect(tasks.update({ id: 'ghost', title: 'x' })).toMatchObject({ ok: false, error: { tag: 'notFound' } });
    expect(tasks.update({ id })).toMatchObject({ ok: true, value: { title: 'new' } });
  });

  it('is not deleted while an agent works on it', () => {
    const tasks = service();
    const { id } = create(tasks, 'x');
    sessions = [session('csv-writer', id, 'between_turns')];
    expect(tasks.delete(id)).toMatchObject({
      ok: false,
      error: { tag: 'invalidState', message: expect.stringContaining('csv-writer') },
    });
    sessions = [session('csv-writer', id, 'completed')];
    expect(tasks.delete(id).ok).toBe(true);
    expect(tasks.delete(id)).toMatchObject({ ok: false, error: { tag: 'notFound' } });
  });

  it('moves before another card, to the end, and to the end of another column', () => {
    const tasks = service();
    const [a, b, c] = ['a', 'b', 'c'].map((title) => create(tasks, title));
    tasks.update({ id: c?.id ?? '', before: a?.id ?? '' });
    expect(titles(tasks, 'ready')).toEqual(['c', 'a', 'b']);
    tasks.update({ id: c?.id ?? '', before: null });
    expect(titles(tasks, 'ready')).toEqual(['a', 'b', 'c']);
    tasks.update({ id: a?.id ?? '', column: 'backlog', title: 'A' });
    tasks.update({ id: b?.id ?? '', column: 'backlog', before: a?.id ?? '', title: 'B' });
    expect(titles(tasks, 'backlog')).toEqual(['B', 'A']);
    expect(tasks.update({ id: c?.id ?? '', before: 'ghost' })).toMatchObject({ ok: false, error: { field: 'before' } });
    expect(tasks.update({ id: c?.id ?? '', before: c?.id ?? '' }).ok).toBe(true);
    expect(titles(tasks, 'ready')).toEqual(['c']);
  });

  it('any number of moves keeps the order a person made', () => {
    const tasks = service();
    const ids = Array.from({ length: 5 }, (_, index) => create(tasks, `t${index}`).id);
    const columns = ['backlog', 'ready'] as const;
    const model: Record<(typeof columns)[number], string[]> = { backlog: [], ready: [...ids] };
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(1), fc.nat(4)), { maxLength: 60 }), (moves) => {
        for (const [which, to, place] of moves) {
          const id = ids[which] ?? '';
          const column = columns[to] ?? 'ready';
          for (const name of columns) model[name] = model[name].filter((other) => other !== id);
          const before = model[column][place] ?? null;
          model[column].splice(before === null ? model[column].length : place, 0, id);
          expect(tasks.update({ id, column, before }).ok).toBe(true);
        }
        for (const name of columns) {
          expect(
            tasks
              .list()
              .filter((task) => task.column === name)
              .map((task) => task.id),
          ).toEqual(model[name]);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('specs', () => {
  it('written and read; the card shows where', async () => {
    const tasks = service();
    const { id } = create(tasks, 'x');
    expect(await tasks.readSpec(id)).toEqual({ ok: true, value: { path: null, body: '' } });
    expect(await tasks.writeSpec(id, '# Do it\n', 'lead')).toMatchObject({ ok: true });
    const path = join(root, '.overstory', 'specs', `${id}.md`);
    expect(await tasks.readSpec(id)).toEqual({ ok: true, value: { path, body: '# Do it\n' } });
    expect(card(tasks, id)?.specPath).toBe(path);
    expect(await tasks.writeSpec('../x', 'body')).toMatchObject({ ok: false, error: { tag: 'validation' } });
    expect(await tasks.writeSpec(id, ' ')).toMatchObject({ ok: false, error: { tag: 'validation' } });
  });

  it('that were there before the engine started are known', async () => {
    await mkdir(join(root, '.overstory', 'specs'), { recursive: true });
    await writeFile(join(root, '.overstory', 'specs', 'csv.md'), '# CSV\n');
    const tasks = service();
    create(tasks, 'x', { id: 'csv' });
    await tasks.settled();
    expect(card(tasks, 'csv')?.specPath).toBe(join(root, '.overstory', 'specs', 'csv.md'));
  });
});

describe('columns follow what happens', () => {
  it('from Ready to Done', () => {
    const tasks = service();
    const { id } = create(tasks, 'CSV writer');
    const seen: string[] = [];
    const step = (next: () => void): void => {
      next();
      tasks.followFacts();
      const now = card(tasks, id);
      seen.push(`${now?.column} ${now?.agent} ${now?.note}`);
    };
    step(() => {
      sessions = [session('csv-writer', id, 'booting')];
    });
    step(() => {
      questions = {
        'gate:1': {
          id: 'gate:1',
          kind: 'gate',
          agent: 'csv-writer',
          taskId: null,
          title: 'half even or half up?',
          detail: '',
          options: [],
          mailId: null,
          mergeId: null,
          at: '2026-01-01T10:01:00.000Z',
        },
      };
    });
    step(() => {
      questions = {};
      sessions = [...sessions, session('review-csv', id, 'in_turn', 'reviewer')];
    });
    step(() => {
      sessions = [session('csv-writer', id, 'completed'), session('review-csv', id, 'completed', 'reviewer')];
    });
    step(() => {
      merges = [merge(id, 'pending')];
    });
    step(() => {
      merges = [merge(id, 'merging')];
    });
    step(() => {
      merges = [merge(id, 'merged')];
    });
    expect(seen).toEqual([
      'in_progress csv-writer null',
      'in_progress csv-writer half even or half up?',
      'review review-csv null',
      'review csv-writer not merged yet',
      'merging csv-writer waits to be merged',
      'merging csv-writer merging into main',
      'done csv-writer clean · $0.22',
    ]);
  });

  it('a dead agent gives the card back with the reason', () => {
    const tasks = service();
    const { id } = create(tasks, 'x');
    sessions = [session('csv-writer', id, 'in_turn')];
    tasks.followFacts();
    control.putAgentSettings({
      agentName: 'csv-writer',
      runtime: 'rehearsal',
      model: null,
      specPath: null,
      files: [],
      reason: 'exit code 1',
    });
    sessions = [session('csv-writer', id, 'zombie')];
    tasks.followFacts();
    expect(card(tasks, id)).toMatchObject({ column: 'ready', note: 'csv-writer died: exit code 1' });
  });

  it('where a person puts a card it stays until something new happens, also over a restart', () => {
    const { id } = create(service(), 'x');
    sessions = [session('csv-writer', id, 'in_turn')];
    const tasks = service();
    tasks.followFacts();
    tasks.update({ id, column: 'backlog' });
    tasks.followFacts();
    expect(card(tasks, id)?.column).toBe('backlog');
    control.close();
    openStore();
    const restarted = service();
    restarted.followFacts();
    expect(card(restarted, id)?.column).toBe('backlog');
    merges = [merge(id, 'merged')];
    restarted.followFacts();
    expect(card(restarted, id)?.column).toBe('done');
  });

  it('facts that have not changed tell nobody', () => {
    const tasks = service();
    const { id } = create(tasks, 'x');
    sessions = [session('csv-writer', id, 'in_turn')];
    tasks.followFacts();
    const before = changes;
    tasks.followFacts();
    tasks.followFacts();
    expect(changes).toBe(before);
  });

  it('a slung task without a card gets one for builders and leads, titled by its spec', async () => {
    const tasks = service();
    await tasks.writeSpec('vat-check', '<!-- x -->\n\n# Validate VAT numbers\n\nmore\n', 'lead');
    for (const [agentName, taskId, capability] of [
      ['vat', 'vat-check', 'builder'],
      ['rev', 'vat-review', 'reviewer'],
      ['coordinator', '', 'coordinator'],
    ] as const) {
      sessions = [...sessions, session(agentName, taskId, 'booting', capability)];
      tasks.onSlung(taskId, agentName, capability);
    }
    await tasks.settled();
    expect(tasks.list()).toMatchObject([
      { id: 'vat-check', title: 'Validate VAT numbers', column: 'in_progress', agent: 'vat' },
    ]);
  });

  it('a card a person made keeps its title when an agent is slung on it', async () => {
    const tasks = service();
    create(tasks, 'Mine', { id: 'vat-check' });
    await tasks.writeSpec('vat-check', '# Another heading\n');
    sessions = [session('vat', 'vat-check', 'booting')];
    tasks.onSlung('vat-check', 'vat', 'builder');
    await tasks.settled();
    expect(card(tasks, 'vat-check')).toMatchObject({ title: 'Mine', column: 'in_progress', agent: 'vat' });
  });
});
