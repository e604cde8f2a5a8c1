import { fail, ok, type Result } from '../../../contract/result.ts';
import type { RunReport } from '../../../contract/runReport.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Git } from '../git/git.ts';
import { TRAILERS } from '../merge/commitMessage.ts';
import type { Stores } from '../stores.ts';
import { reportRun } from './runReport.ts';

/** Watchdog actions that are looked through, newest first. */
const ACTIONS = 5_000;

/** Reads what the report of a run is made of. */
export function createRunReports(options: {
  readonly stores: Stores;
  readonly git: Git;
  readonly clock: Clock;
}): (runId: string) => Promise<Result<RunReport>> {
  const { stores, git, clock } = options;
  return async (runId) => {
    const run = stores.runs.getRun(runId);
    if (run === null) return fail('notFound', `there is no run ${runId}: see "ov run list"`);
    const agents = stores.sessions.getByRun(runId);
    const names = new Set(agents.map((agent) => agent.agentName));
    const until = run.completedAt ?? '9999';
    const mail = stores.mail
      .getAll()
      .filter((message) => names.has(message.from) || names.has(message.to))
      .filter((message) => message.createdAt >= run.startedAt && message.createdAt <= until);
    return ok(
      reportRun({
        run,
        now: clock.now(),
        agents,
        turns: stores.turns.listByRun(runId),
        merges: stores.mergeQueue.list().filter((entry) => names.has(entry.agentName)),
        mergedLines: await linesOf(git, runId),
        mail: mail.map((message) => ({ ...message, dead: message.delivery?.state === 'dead' })),
        watchdogActions: stores.watchdog.newest(ACTIONS).filter((action) => action.runId === runId),
      }),
    );
  };
}

/** Lines that the merge commits of a run brought into the branches they were made on; null when git cannot say. */
async function linesOf(git: Git, runId: string): Promise<number | null> {
  const output = await git([
    'log',
    '--branches',
    '--first-parent',
    '--diff-merges=first-parent',
    '--numstat',
    '--format=',
    '--fixed-strings',
    `--grep=${TRAILERS.run}: ${runId}`,
  ]);
  if (output.code !== 0) return null;
  const commits = output.stdout.split('\n').map((line) => Number(line.split('\t')[0]));
  return commits.filter((added) => Number.isFinite(added)).reduce((sum, added) => sum + added, 0);
}
