import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { type GroupProgress, GroupView } from '../../../contract/groups.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import type { Clock } from '../../platform/clock.ts';
import { STATE_FOLDER } from '../config/schema.ts';
import { errorLine, readTextIfPresent } from '../util/files.ts';
import { SerialQueue } from '../util/serialQueue.ts';
import {
  closeIfDone,
  findGroup,
  type IssueStatus,
  newGroup,
  progressOf,
  withMembers,
  withoutMembers,
} from './groupRules.ts';

/** Task groups of one project, kept in `groups.json` (spec 02 §4.4). */
export interface Groups {
  list(): Promise<Result<readonly GroupView[]>>;
  create(name: string, issueIds: readonly string[]): Promise<Result<GroupView>>;
  add(idOrName: string, issueIds: readonly string[]): Promise<Result<GroupView>>;
  remove(idOrName: string, issueIds: readonly string[]): Promise<Result<GroupView>>;
  /** Progress of one group; closes it when every member is done and says so in `closed`. */
  progress(
    idOrName: string,
    statusOf: (issueId: string) => IssueStatus | undefined,
  ): Promise<Result<GroupProgress & { readonly closed: boolean }>>;
}

const GroupFile = z.array(GroupView);
const writing = new SerialQueue();

/** Makes the service. Writers of this process take turns; the file is replaced as a whole, never half. */
export function createGroups(root: string, clock: Clock): Groups {
  const path = join(root, STATE_FOLDER, 'groups.json');

  /** A missing file is no groups; a damaged one is refused, because the next write would replace it. */
  async function read(): Promise<Result<readonly GroupView[]>> {
    try {
      const text = await readTextIfPresent(path);
      if (text === null) return ok([]);
      const parsed = GroupFile.safeParse(JSON.parse(text));
      if (parsed.success) return ok(parsed.data);
      const issue = parsed.error.issues[0];
      return damaged(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
    } catch (error) {
      return damaged(errorLine(error));
    }
  }

  function change(edit: (groups: readonly GroupView[]) => Result<GroupView>): Promise<Result<GroupView>> {
    return writing.run(path, async () => {
      const groups = await read();
      if (!groups.ok) return groups;
      const edited = edit(groups.value);
      return edited.ok ? save(groups.value, edited.value) : edited;
    });
  }

  async function save(groups: readonly GroupView[], group: GroupView): Promise<Result<GroupView>> {
    const known = groups.some((other) => other.id === group.id);
    const next = known ? groups.map((other) => (other.id === group.id ? group : other)) : [...groups, group];
    try {
      await writeFileAtomic(path, `${JSON.stringify(next, null, '\t')}\n`);
      return ok(group);
    } catch (error) {
      return fail('group', `groups.json cannot be written (${errorLine(error)}); check space and permissions`);
    }
  }

  function damaged(reason: string): Result<never> {
    return fail(
      'group',
      `${STATE_FOLDER}/groups.json is damaged (${reason}); repair it or move it away, nothing was changed`,
    );
  }

  return {
    list: read,
    create: (name, issueIds) =>
      change(() => newGroup(`group-${randomBytes(4).toString('hex')}`, name, issueIds, clock.now())),
    add: (idOrName, issueIds) =>
      change((groups) => {
        const group = findGroup(groups, idOrName);
        return group.ok ? withMembers(group.value, issueIds) : group;
      }),
    remove: (idOrName, issueIds) =>
      change((groups) => {
        const group = findGroup(groups, idOrName);
        return group.ok ? withoutMembers(group.value, issueIds) : group;
      }),
    progress: (idOrName, statusOf) =>
      writing.run(path, async () => {
        const groups = await read();
        if (!groups.ok) return groups;
        const group = findGroup(groups.value, idOrName);
        if (!group.ok) return group;
        const progress = progressOf(group.value, statusOf);
        const closed = closeIfDone(progress, clock.now());
        if (closed === null) return ok({ ...progress, closed: false });
        const saved = await save(groups.value, closed);
        return saved.ok ? ok({ ...progress, group: saved.value, closed: true }) : saved;
      }),
  };
}
