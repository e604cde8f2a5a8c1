import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RoomClient } from '../../contract/room.ts';
import type { TaskColumn } from '../../contract/tasks.ts';
import { createGit } from '../../main/core/git/git.ts';
import { openStores, type Stores } from '../../main/core/stores.ts';
import { branchOf, filesOf, seedBranches, worktreeOf } from './fifty/branches.ts';
import { AT_WORK, COORDINATOR, type Piece, STREAMS, WAITING } from './fifty/cast.ts';
import { type Hour, layOut } from './fifty/hour.ts';
import { seedLetters } from './fifty/letters.ts';
import { seedMerges } from './fifty/merges.ts';
import { specOf } from './fifty/scripts.ts';
import { seedTurns } from './fifty/turns.ts';
import { seedWatchdog } from './fifty/watch.ts';

const RUN = 'run-large';
/** US dollars an agent may spend: one is above. */
const AGENT_CAP = 4.5;
/** Part of its cap the run has used. */
const RUN_USED = 0.88;
const PIECES: readonly Piece[] = STREAMS.flatMap((stream) => stream.pieces);

/**
 * Writes what an hour of fifty agents leaves behind, with long names and text from right to left: real branches, worktrees
 * and merges, and in the stores what the engine would have written. No engine may run.
 */
export async function seedFifty(project: string): Promise<void> {
  const hour = layOut(Date.now());
  const git = createGit(project);
  const overstory = join(project, '.overstory');
  await seedBranches(git, project, hour.members);
  await mkdir(join(overstory, 'specs'), { recursive: true });
  for (const piece of PIECES) await writeFile(join(overstory, 'specs', `${piece.id}.md`), specOf(piece));
  await writeFile(join(overstory, 'current-run.txt'), RUN);
  const opened = await openStores(overstory);
  if (!opened.ok) throw new Error(opened.error.message);
  const stores = opened.value;
  // One commit a file: hundreds of them would take longer than everything else.
  const { connections } = stores;
  connections.sessions.write(() => connections.control.write(() => seedAgents(stores, hour, project)));
  connections.control.write(() => seedCards(stores));
  const events = [
    ...connections.events.write(() => seedTurns(stores, hour, project, RUN)),
    ...seedLetters(project, hour, RUN),
    ...seedWatchdog(project, hour, RUN),
    ...(await seedMerges(git, project, hour, RUN)),
  ];
  stores.events.insertMany(events.sort((one, other) => (one.createdAt ?? '').localeCompare(other.createdAt ?? '')));
  const spent = stores.turns.costByRun().get(RUN)?.costUsd ?? 0;
  stores.close();
  const caps = `    run:\n      usd: ${Math.round(spent / RUN_USED)}\n    agent:\n      usd: ${AGENT_CAP}\n`;
  const config = `agents:\n  staggerDelayMs: 0\ncontrolRoom:\n  budgets:\n${caps}`;
  await writeFile(join(overstory, 'config.local.yaml'), config);
}

function seedAgents({ sessions, runs, control }: Stores, hour: Hour, project: string): void {
  runs.createRun({ id: RUN, startedAt: hour.at(0), coordinatorSessionId: `session-${COORDINATOR}`, status: 'active' });
  for (const member of hour.members) {
    const { name, capability, parent, task, state, runtime, model } = member;
    const turns = hour.of(member);
    sessions.upsert({
      id: `session-${name}`,
      agentName: name,
      capability,
      worktreePath: capability === 'coordinator' ? project : worktreeOf(project, member),
      branchName: task === null ? 'main' : branchOf(member),
      taskId: task?.id ?? '',
      tmuxSession: '',
      state,
      pid: null,
      parentAgent: parent,
      depth: capability === 'coordinator' ? 0 : capability === 'lead' ? 1 : 2,
      runId: RUN,
      startedAt: hour.at(Math.max(0, (turns[0]?.start ?? 0) - 8)),
      lastActivity: hour.at(turns.at(-1)?.end ?? 0),
      escalationLevel: 0,
      stalledSince: null,
      transcriptPath: null,
    });
    control.putAgentSettings({
      agentName: name,
      runtime,
      model,
      specPath: task === null ? null : join(project, '.overstory', 'specs', `${task.id}.md`),
      files: task === null ? [] : filesOf(task),
      reason: state === 'zombie' ? 'the runtime answered nothing but errors; gave up after 3 attempts' : null,
    });
  }
}

function seedCards({ control }: Stores): void {
  const put = (piece: Piece, column: TaskColumn, index: number): void => {
    const { id, title, did } = piece;
    const blockedBy = column === 'backlog' && index % 2 === 1 ? ['BS-32'] : [];
    const made = control.createTask({
      id,
      title,
      description: did,
      column,
      priority: index % 5,
      files: filesOf(piece),
      blockedBy,
    });
    if (!made.ok) throw new Error(made.error.message);
  };
  for (const [index, piece] of PIECES.entries()) put(piece, AT_WORK.has(piece.id) ? 'in_progress' : 'ready', index);
  for (const [index, piece] of WAITING.entries()) put(piece, index < 4 ? 'backlog' : 'ready', index);
}

/** Groups of the board, a stream each; the work of later belongs to none. */
export async function seedGroups(client: Pick<RoomClient, 'call'>): Promise<void> {
  for (const { group, pieces } of STREAMS) {
    const made = await client.call('groups.create', { name: group, issueIds: pieces.map(({ id }) => id) });
    if (!made.ok) throw new Error(made.error.message);
  }
}
