import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentChanges, FileDiff } from '../../../contract/changes.ts';
import { type SampleRepository, sampleRepository } from '../merge/sampleRepository.ts';
import type { AgentSession } from '../sessions/sessionRow.ts';
import { type AgentChangesService, createAgentChanges } from './agentChanges.ts';

const LINES = Array.from({ length: 12 }, (_, index) => `line ${index + 1}\n`).join('');
const ASKING = new AbortController().signal;

let repo: SampleRepository;
let service: AgentChangesService;
let session: AgentSession;
let worktree: string;

beforeEach(async () => {
  repo = await sampleRepository({ 'a.txt': LINES, 'b.txt': LINES, 'logo.dat': new Uint8Array([0, 1, 2]) });
  worktree = join(repo.overstory, 'worktrees', 'ada');
  await repo.run('worktree', 'add', '--quiet', '-b', 'overstory/ada/T-1', worktree, 'main');
  session = {
    id: 'session-1',
    agentName: 'ada',
    capability: 'builder',
    worktreePath: worktree,
    branchName: 'overstory/ada/T-1',
    taskId: 'T-1',
    tmuxSession: '',
    state: 'working',
    pid: null,
    parentAgent: null,
    depth: 1,
    runId: null,
    startedAt: '2026-03-01T10:00:00.000Z',
    lastActivity: '2026-03-01T10:00:00.000Z',
    escalationLevel: 0,
    stalledSince: null,
    transcriptPath: null,
  };
  service = createAgentChanges({
    projectRoot: repo.root,
    git: repo.git,
    scratch: join(repo.overstory, 'review'),
    limits: () => ({ maxFileBytes: 1_000_000, maxUntrackedBytes: 1_000_000 }),
    session: (name) => (name === 'ada' ? session : null),
    target: async () => 'main',
  });
});
afterEach(async () => {
  await service.close();
  await repo.remove();
});

const inWorktree = (path: string, content: string | Uint8Array) =>
  repo.write(join('.overstory/worktrees/ada', path), content);

async function commitThere(message: string): Promise<void> {
  await repo.run('-C', worktree, 'add', '--all');
  await repo.run('-C', worktree, 'commit', '--quiet', '-m', message);
}

async function changes(): Promise<AgentChanges> {
  const told = await service.changes('ada', ASKING);
  if (!told.ok) throw new Error(told.error.message);
  return AgentChanges.parse(told.value);
}

async function diff({ base, tip }: AgentChanges, path: string, from: string | null = null): Promise<FileDiff> {
  const told = await service.diff({ agentName: 'ada', base, tip, path, from, context: 3 }, ASKING);
  if (!told.ok) throw new Error(told.error.message);
  return FileDiff.parse(told.value);
}

describe('what an agent changed', () => {
  it('is committed and uncommitted work since its branch left the target, whatever the target did since', async () => {
    await inWorktree('a.txt', LINES.replace('line 3', 'changed'));
    await commitThere('work');
    await inWorktree('new file.txt', 'one\ntwo\n');
    await inWorktree('logo.dat', new Uint8Array([0, 9]));
    await repo.commit({ 'b.txt': 'the target goes on\n' });
    const told = await changes();
    expect(told).toMatchObject({
      branch: 'overstory/ada/T-1',
      target: 'main',
      worktree,
      count: 3,
      added: 3,
      removed: 1,
    });
    expect(told.files).toEqual([
      { path: 'a.txt', from: null, change: 'modified', added: 1, removed: 1, uncommitted: false },
      { path: 'logo.dat', from: null, change: 'modified', added: null, removed: null, uncommitted: true },
      { path: 'new file.txt', from: null, change: 'added', added: 2, removed: 0, uncommitted: true },
    ]);
    expect(await diff(told, 'a.txt')).toMatchObject({
      note: null,
      hunks: [{ lines: expect.arrayContaining([{ kind: 'added', old: null, new: 3, text: 'changed' }]) }],
    });
    expect((await diff(told, 'new file.txt')).hunks[0]?.lines.map(({ text }) => text)).toEqual(['one', 'two']);
    expect(await diff(told, 'logo.dat')).toMatchObject({ hunks: [], note: expect.stringMatching(/binary/) });
    // Nothing of it is in the repository, and the worktree is as it was.
    expect(await repo.run('-C', worktree, 'status', '--porcelain')).toBe(' M logo.dat\n?? "new file.txt"\n');
    expect(await repo.git(['cat-file', '-e', told.tip])).not.toMatchObject({ code: 0 });
  });

  it('follows a renamed file', async () => {
    await repo.run('-C', worktree, 'mv', 'a.txt', 'z.txt');
    await inWorktree('z.txt', LINES.replace('line 9', 'nine'));
    await commitThere('renamed');
    const told = await changes();
    expect(told.files).toEqual([
      { path: 'z.txt', from: 'a.txt', change: 'renamed', added: 1, removed: 1, uncommitted: false },
    ]);
    expect((await diff(told, 'z.txt', 'a.txt')).hunks).toHaveLength(1);
  });

  it('is still there when the worktree is gone, and when the branch is merged', async () => {
    await inWorktree('a.txt', LINES.replace('line 3', 'changed'));
    await commitThere('work');
    await repo.run('worktree', 'remove', '--force', worktree);
    expect(await changes()).toMatchObject({ worktree: null, count: 1 });
    await repo.run('merge', '--quiet', '--no-ff', '-m', 'in', 'overstory/ada/T-1');
    await repo.commit({ 'later.txt': 'x\n' });
    const merged = await changes();
    expect(merged).toMatchObject({ count: 1, files: [{ path: 'a.txt' }] });
    expect((await diff(merged, 'a.txt')).hunks).toHaveLength(1);
    await repo.run('branch', '-D', 'overstory/ada/T-1');
    expect(await service.changes('ada', ASKING)).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/branch of ada is gone/) },
    });
  });

  it('of nobody, of an agent in the project itself, and for nobody are refused in one line', async () => {
    expect(await service.changes('bob', ASKING)).toMatchObject({ ok: false, error: { tag: 'notFound' } });
    session = { ...session, worktreePath: repo.root };
    expect(await service.changes('ada', ASKING)).toMatchObject({
      ok: false,
      error: { message: 'ada works in the project itself and has no branch of its own' },
    });
    expect(await service.changes('ada', AbortSignal.abort())).toMatchObject({ ok: false, error: { tag: 'cancelled' } });
  });

  it('that was looked at too long ago is told as such', async () => {
    const told = await changes();
    const read = await service.diff(
      { agentName: 'ada', base: told.base, tip: '1'.repeat(40), path: 'a.txt', from: null, context: 3 },
      ASKING,
    );
    expect(read).toMatchObject({ ok: false, error: { message: expect.stringMatching(/look again/) } });
  });
});
