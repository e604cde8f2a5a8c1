import type { GroupProgress, GroupView } from '../../../contract/groups.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { timestamp } from '../../platform/clock.ts';

/** What a tracker says about one issue; anything unknown counts as open. */
export type IssueStatus = 'open' | 'in_progress' | 'blocked' | 'closed' | string;

/** Finds a group by exact id, else by name: the only one of that name, or the only active one (spec 02 §4.4). */
export function findGroup(groups: readonly GroupView[], idOrName: string): Result<GroupView> {
  const byId = groups.find((group) => group.id === idOrName);
  if (byId !== undefined) return ok(byId);
  const named = groups.filter((group) => group.name === idOrName);
  const active = named.filter((group) => group.status === 'active');
  const only = named.length === 1 ? named[0] : active.length === 1 ? active[0] : undefined;
  if (only !== undefined) return ok(only);
  if (named.length === 0) return fail('group', `group "${idOrName}" not found; see "ov group list"`);
  const ids = named.map((group) => group.id).join(', ');
  return fail('group', `group name "${idOrName}" is ambiguous; use one of the ids ${ids}`, { data: { ids } });
}

/** A new group; the name must not be blank and the ids must differ. */
export function newGroup(id: string, name: string, issueIds: readonly string[], now: number): Result<GroupView> {
  const trimmed = name.trim();
  if (trimmed === '') return fail('validation', 'a group needs a name', { field: 'name' });
  if (issueIds.length === 0) return fail('validation', 'a group needs at least one issue id', { field: 'issueIds' });
  const twice = repeated(issueIds);
  if (twice !== null) return fail('validation', `issue ${twice} is given twice`, { field: 'issueIds' });
  return ok({
    id,
    name: trimmed,
    memberIssueIds: [...issueIds],
    status: 'active',
    createdAt: timestamp(now),
    completedAt: null,
  });
}

/** The group with further members; a completed one is active again. */
export function withMembers(group: GroupView, issueIds: readonly string[]): Result<GroupView> {
  const known = issueIds.find((id) => group.memberIssueIds.includes(id));
  if (known !== undefined) return groupError(group, `issue ${known} is already a member of group "${group.name}"`);
  const twice = repeated(issueIds);
  if (twice !== null) return groupError(group, `issue ${twice} is given twice`);
  const memberIssueIds = [...group.memberIssueIds, ...issueIds];
  return ok({ ...group, memberIssueIds, status: 'active', completedAt: null });
}

/** The group without some members; all or nothing, and never empty. */
export function withoutMembers(group: GroupView, issueIds: readonly string[]): Result<GroupView> {
  const stranger = issueIds.find((id) => !group.memberIssueIds.includes(id));
  if (stranger !== undefined) return groupError(group, `issue ${stranger} is not a member of group "${group.name}"`);
  const memberIssueIds = group.memberIssueIds.filter((id) => !issueIds.includes(id));
  if (memberIssueIds.length === 0)
    return groupError(group, `group "${group.name}" would be empty; keep at least one issue`);
  return ok({ ...group, memberIssueIds });
}

/** Counts the members by their status in the tracker (spec 02 §4.4). */
export function progressOf(group: GroupView, statusOf: (issueId: string) => IssueStatus | undefined): GroupProgress {
  const statuses = group.memberIssueIds.map(statusOf);
  const count = (wanted: IssueStatus) => statuses.filter((status) => status === wanted).length;
  const completed = count('closed');
  const inProgress = count('in_progress');
  const blocked = count('blocked');
  const total = statuses.length;
  return { group, total, completed, inProgress, blocked, open: total - completed - inProgress - blocked };
}

/** The group closed when every member is done, else null for "no change". */
export function closeIfDone(progress: GroupProgress, now: number): GroupView | null {
  const { group, total, completed } = progress;
  if (group.status !== 'active' || total === 0 || completed < total) return null;
  return { ...group, status: 'completed', completedAt: timestamp(now) };
}

function repeated(ids: readonly string[]): string | null {
  return ids.find((id, index) => ids.indexOf(id) !== index) ?? null;
}

function groupError(group: GroupView, message: string): Result<never> {
  return fail('group', message, { data: { groupId: group.id } });
}
