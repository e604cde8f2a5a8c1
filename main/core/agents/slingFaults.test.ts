import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SlingRequest } from '../../../contract/agents.ts';
import type { RoomClient } from '../../../contract/room.ts';
import { openControl } from '../control/controlStore.ts';
import { openDatabase } from '../db/openDatabase.ts';
import { must } from '../db/testing/folder.ts';
import type { Engine } from '../engine.ts';
import { openEvents } from '../events/eventStore.ts';
import { openMail } from '../mail/mailStore.ts';
import { openRuns } from '../runs/runStore.ts';
import { openSessions } from '../sessions/sessionStore.ts';
import { createTestProject, type TestProject, topicUntil } from '../testEngine.ts';

let project: TestProject;
let engine: Engine;
let client: RoomClient;
async function start(): Promise<void> {
  ({ engine, client } = await project.start());
}
beforeEach(async () => {
  project = await createTestProject();
  await start();
  // No turn is to start: what a sling leaves is looked at, not what its agent does.
  must(await client.call('fleet.pause', { paused: true }));
});
afterEach(() => project.dispose());

const state = (...path: string[]): string => join(project.root, '.overstory', ...path);

interface Fault {
  readonly what: string;
  /** Puts the obstacle there; gives what takes it away. */
  readonly arrange: () => Promise<() => Promise<unknown>>;
  readonly request?: Partial<SlingRequest>;
  readonly message: RegExp;
}

/** A file or folder where the sling wants something else. */
async function obstacle(path: string, kind: 'file' | 'folder'): Promise<() => Promise<void>> {
  await mkdir(dirname(path), { recursive: true });
  if (kind === 'file') await writeFile(path, 'in the way');
  else await mkdir(path);
  return () => rm(path, { recursive: true });
}

/** Makes every insert into a table fail, as a full disk or a foreign program would. */
const refuseInserts = (file: string, table: string): Promise<() => Promise<void>> => refuse('INSERT', file, table);

async function refuse(action: 'INSERT' | 'DELETE', file: string, table: string): Promise<() => Promise<void>> {
  const run = (sql: string): void => {
    const connection = must(openDatabase(state(file)));
    connection.database.exec(sql);
    connection.close();
  };
  run(
    `CREATE TRIGGER refused_by_test BEFORE ${action} ON ${table} BEGIN SELECT RAISE(ABORT, 'refused by the test'); END`,
  );
  return async () => run('DROP TRIGGER refused_by_test');
}

/** Moves a folder's content away and puts a file in its place. */
async function fileInsteadOf(path: string): Promise<() => Promise<void>> {
  await rm(path, { recursive: true, force: true });
  return obstacle(path, 'file');
}

async function gitBranch(name: string): Promise<() => Promise<unknown>> {
  await project.git('branch', name);
  return () => project.git('branch', '-D', name);
}

/** Commits files to main; taken back by a commit, because the branch of an agent starts there. */
async function committed(files: Readonly<Record<string, string>>): Promise<() => Promise<unknown>> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(project.root, name), content);
  await project.git('add', '-f', ...Object.keys(files));
  await project.git('commit', '-qm', 'An obstacle');
  return async () => {
    await project.git('rm', '-qf', ...Object.keys(files));
    await project.git('commit', '-qm', 'No obstacle');
  };
}

const FAULTS: readonly Fault[] = [
  {
    what: 'the spec is missing',
    arrange: async () => async () => {},
    request: { spec: 'nowhere.md' },
    message: /^Spec file not found: nowhere\.md/,
  },
  {
    what: 'the runtime is unknown',
    arrange: async () => async () => {},
    request: { runtime: 'nobody' },
    message: /^Unknown runtime: "nobody"/,
  },
  {
    what: 'the base branch is missing',
    arrange: async () => async () => {},
    request: { baseBranch: 'nowhere' },
    message: /^base branch nowhere does not exist/,
  },
  {
    what: 'the branch is there already',
    arrange: () => gitBranch('overstory/w/T-1'),
    message: /still has branch overstory\/w\/T-1/,
  },
  {
    what: 'a branch stands where the folder of branches has to be',
    arrange: () => gitBranch('overstory'),
    message: /^branch overstory\/w\/T-1 cannot be made beside branch overstory: rename that one/,
  },
  {
    what: 'a file lies where the worktree has to be',
    arrange: () => obstacle(state('worktrees', 'w'), 'file'),
    message: /still has worktree w/,
  },
  {
    what: 'somebody’s folder lies where the worktree has to be',
    arrange: async () => {
      const away = await obstacle(state('worktrees', 'w'), 'folder');
      await writeFile(state('worktrees', 'w', 'mine.txt'), 'mine');
      return away;
    },
    message: /still has worktree w/,
  },
  {
    what: 'the folder of worktrees is a file',
    arrange: () => fileInsteadOf(state('worktrees')),
    message: /^the folder of worktrees .* cannot be made/,
  },
  {
    what: 'git cannot register worktrees (SP36)',
    arrange: () => obstacle(join(project.root, '.git', 'worktrees'), 'file'),
    message: /^git worktree failed: /,
  },
  {
    what: 'the files of the worktree cannot be filled in',
    arrange: async () => {
      await project.git('config', 'filter.broken.clean', 'cat');
      await project.git('config', 'filter.broken.smudge', 'false');
      await project.git('config', 'filter.broken.required', 'true');
      return committed({ '.gitattributes': 'late.txt filter=broken\n', 'late.txt': 'late\n' });
    },
    message: /^git reset failed: /,
  },
  {
    what: 'the instructions cannot be written into the worktree',
    arrange: () => committed({ '.claude': 'a file of the project\n' }),
    message: /^the instructions of w cannot be written/,
  },
  {
    what: 'the folder of agents is a file',
    arrange: () => fileInsteadOf(state('agents')),
    message: /^the guards of w cannot be written/,
  },
  {
    what: 'a file lies where the agent’s folder has to be',
    arrange: () => obstacle(state('agents', 'w'), 'file'),
    message: /^the guards of w cannot be written/,
  },
  {
    what: 'the guard cannot be written',
    arrange: async () => {
      await obstacle(state('agents', 'w', 'guard.json'), 'folder');
      return () => rm(state('agents', 'w'), { recursive: true });
    },
    message: /^the guards of w cannot be written/,
  },
  {
    what: 'the identity of an earlier agent is damaged',
    arrange: async () => {
      await obstacle(state('agents', 'w', 'identity.yaml'), 'file');
      return () => rm(state('agents', 'w'), { recursive: true });
    },
    message: /identity\.yaml/,
  },
  {
    what: 'the guard files of the runtime cannot be written',
    arrange: () => committed({ '.sapling': 'a file of the project\n' }),
    request: { runtime: 'sapling' },
    message: /./,
  },
  {
    what: 'what is under way cannot be noted',
    arrange: () => refuseInserts('control-room.db', 'settings'),
    message: /./,
  },
  {
    what: 'the session cannot be stored',
    arrange: () => refuseInserts('sessions.db', 'sessions'),
    message: /./,
  },
  { what: 'the run cannot be stored', arrange: () => refuseInserts('sessions.db', 'runs'), message: /./ },
  {
    what: 'the current run cannot be named',
    arrange: () => obstacle(state('current-run.txt'), 'folder'),
    message: /./,
  },
  {
    what: 'the launch settings cannot be stored',
    arrange: () => refuseInserts('control-room.db', 'agent_settings'),
    message: /./,
  },
  { what: 'the dispatch mail cannot be stored', arrange: () => refuseInserts('mail.db', 'messages'), message: /./ },
];

/** Everything a sling writes, as it is now. */
async function everything(): Promise<unknown> {
  const stores = {
    sessions: must(openSessions(state('sessions.db'))),
    runs: must(openRuns(state('sessions.db'))),
    mail: must(openMail(state('mail.db'))),
    control: must(openControl(state('control-room.db'))),
    events: must(openEvents(state('events.db'))),
  };
  try {
    return {
      sessions: stores.sessions.getAll(),
      runs: stores.runs.listRuns(),
      mail: stores.mail.getAll(),
      settings: stores.control.listAgentSettings(),
      underWay: stores.control.getSetting('slings.underWay') ?? {},
      tasks: stores.control.listTasks(),
      spawned: stores.events.getByAgent('w').length,
      branches: await project.git('branch', '--list'),
      registered: await project.git('worktree', 'list', '--porcelain').catch(() => 'unreadable'),
      worktrees: (await readdir(state('worktrees'), { recursive: true }).catch(() => ['none'])).sort(),
      agents: await contentOf(state('agents')),
      currentRun: await readFile(state('current-run.txt'), 'utf8').catch(() => null),
    };
  } finally {
    for (const store of Object.values(stores)) store.close();
  }
}

/** Names and texts below a folder. */
async function contentOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const name of (await readdir(folder, { recursive: true }).catch(() => [])).sort())
    found[name] = await readFile(join(folder, name), 'utf8').catch(() => 'a folder');
  return found;
}

const sling = (request: Partial<SlingRequest> = {}): ReturnType<RoomClient['call']> =>
  client.call('agents.sling', { taskId: 'T-1', name: 'w', ...request });

describe('a sling that fails', () => {
  it.each(FAULTS)(
    'leaves nothing behind when $what, and works once that is put right',
    async ({ arrange, request, message }) => {
      const putRight = await arrange();
      const before = await everything();

      const failed = await sling(request);

      expect(failed).toMatchObject({ ok: false, error: { message: expect.stringMatching(message) } });
      expect(failed.ok ? '' : failed.error.message).not.toContain('\n');
      expect(await everything()).toEqual(before);
      const view = await client.snapshot('agents');
      expect(view).toMatchObject({ ok: true, value: { byId: {} } });

      await putRight();
      expect(await sling()).toMatchObject({ ok: true, value: { agentName: 'w', branch: 'overstory/w/T-1' } });
    },
  );

  it('that could not be taken back whole is taken back by the next engine', async () => {
    const putRight = await refuseInserts('mail.db', 'messages');
    const keepRuns = await refuse('DELETE', 'sessions.db', 'runs');
    const before = await everything();
    expect(await sling()).toMatchObject({ ok: false });
    expect(await everything()).toMatchObject({ sessions: [], settings: [], runs: [{ status: 'active' }] });

    await keepRuns();
    await engine.close();
    await start();
    expect(await everything()).toEqual(before);
    await putRight();
    expect(await sling()).toMatchObject({ ok: true });
  });

  it('gives an earlier agent of that name back its row, its settings and its folder', async () => {
    must(await client.call('fleet.pause', { paused: false }));
    must(
      await client.call('tasks.writeSpec', {
        id: 'T-0',
        body: '# T\n\n```rehearsal\nstart:\n  - taskDone: done\n```\n',
      }),
    );
    must(await client.call('agents.sling', { taskId: 'T-0', name: 'w' }));
    await topicUntil(client, 'agents', (agents) => {
      const agent = agents.byId.w;
      return agent?.state === 'completed' && agent.turn === null;
    });
    await topicUntil(client, 'tasks', (tasks) => tasks.byId['T-0']?.column === 'review');
    // Its work is merged and cleaned away, so that the name is free.
    await project.git('worktree', 'remove', '--force', state('worktrees', 'w'));
    const putRight = await refuseInserts('mail.db', 'messages');
    const before = await everything();

    expect(await sling({ runtime: 'claude', files: ['a.txt'] })).toMatchObject({ ok: false });

    expect(await everything()).toEqual(before);
    await putRight();
  });
});
