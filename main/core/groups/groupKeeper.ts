import type { GroupProgress, GroupView } from '../../../contract/groups.ts';
import { OPERATOR } from '../../../contract/ids.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { TaskView } from '../../../contract/tasks.ts';
import type { Log } from '../engineLog.ts';
import type { MailService } from '../mail/mailService.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { findGroup, type IssueStatus } from './groupRules.ts';
import type { Groups } from './groups.ts';

export interface GroupKeeperOptions {
  readonly groups: Groups;
  readonly tasks: () => readonly TaskView[];
  readonly sessions: Pick<SessionStore, 'getActive'>;
  readonly mail: Pick<MailService, 'send'>;
  readonly log: Log;
}

/** Task groups over the board: members are checked, and a group closes by itself when its last task is done (spec 02 §4.4). */
export interface GroupKeeper {
  create(name: string, issueIds: readonly string[], skipValidation: boolean): Promise<Result<GroupView>>;
  add(idOrName: string, issueIds: readonly string[], skipValidation: boolean): Promise<Result<GroupView>>;
  remove(idOrName: string, issueIds: readonly string[]): Promise<Result<GroupView>>;
  /** Of one group, or of all active ones. */
  progress(idOrName?: string): Promise<Result<readonly GroupProgress[]>>;
  /** Something happened to a task: groups that are done now are closed soon. */
  follow(): void;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

/** Milliseconds changes of tasks are gathered before groups are looked at. */
const FOLLOW_MS = 200;

export function createGroupKeeper(options: GroupKeeperOptions): GroupKeeper {
  const { groups } = options;
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> = Promise.resolve();

  /** What the reference's tracker would say of a card. */
  function statusOf(taskId: string): IssueStatus | undefined {
    const tasks = options.tasks();
    const task = tasks.find((candidate) => candidate.id === taskId);
    if (task === undefined) return undefined;
    if (task.column === 'done') return 'closed';
    if (task.column !== 'backlog' && task.column !== 'ready') return 'in_progress';
    const blocked = tasks.some((other) => other.column !== 'done' && task.blockedBy.includes(other.id));
    return blocked ? 'blocked' : 'open';
  }

  function known(issueIds: readonly string[], skipValidation: boolean): Result<null> {
    const unknown = skipValidation ? undefined : issueIds.find((id) => statusOf(id) === undefined);
    if (unknown === undefined) return ok(null);
    return fail('group', `there is no task ${unknown}: create it first, or pass --skip-validation`, {
      data: { issueId: unknown },
    });
  }

  async function closeIfDone(group: GroupView): Promise<Result<GroupProgress>> {
    const progress = await groups.progress(group.id, statusOf);
    if (!progress.ok) return progress;
    const { closed, ...rest } = progress.value;
    if (closed) await announce(rest.group);
    return ok({ ...rest, group: { ...rest.group, memberIssueIds: [...rest.group.memberIssueIds] } });
  }

  async function announce(group: GroupView): Promise<void> {
    const coordinator = options.sessions.getActive().find((session) => session.capability === 'coordinator');
    const sent = await options.mail.send({
      to: coordinator?.agentName ?? OPERATOR,
      from: 'system',
      subject: `Group auto-closed: ${group.name}`,
      body: `All ${group.memberIssueIds.length} tasks of group "${group.name}" (${group.id}) are done: ${group.memberIssueIds.join(', ')}.`,
      type: 'status',
      priority: 'normal',
    });
    if (!sent.ok)
      options.log('warn', `the end of group ${group.name} could not be told`, { reason: sent.error.message });
  }

  async function look(): Promise<void> {
    const listed = await groups.list();
    // A damaged file is told to whoever asks for groups; here nobody does.
    if (!listed.ok) return;
    for (const group of listed.value) if (group.status === 'active') await closeIfDone(group);
  }

  return {
    async create(name, issueIds, skipValidation) {
      const checked = known(issueIds, skipValidation);
      return checked.ok ? groups.create(name, issueIds) : checked;
    },
    async add(idOrName, issueIds, skipValidation) {
      const checked = known(issueIds, skipValidation);
      return checked.ok ? groups.add(idOrName, issueIds) : checked;
    },
    remove: (idOrName, issueIds) => groups.remove(idOrName, issueIds),
    async progress(idOrName) {
      const listed = await groups.list();
      if (!listed.ok) return listed;
      const wanted = idOrName === undefined ? ok(listed.value.filter(isActive)) : one(listed.value, idOrName);
      if (!wanted.ok) return wanted;
      const found: GroupProgress[] = [];
      for (const group of wanted.value) {
        const progress = await closeIfDone(group);
        if (!progress.ok) return progress;
        found.push(progress.value);
      }
      return ok(found);
    },
    follow() {
      timer ??= setTimeout(() => {
        timer = null;
        looking = looking.then(look);
      }, FOLLOW_MS);
    },
    async settled() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await looking;
    },
  };
}

const isActive = (group: GroupView): boolean => group.status === 'active';

function one(all: readonly GroupView[], idOrName: string): Result<readonly GroupView[]> {
  const found = findGroup(all, idOrName);
  return found.ok ? ok([found.value]) : found;
}
