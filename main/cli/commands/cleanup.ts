import type { Command } from 'commander';
import { CLEAN_TARGETS, type CleanAgentReply, type CleanReply } from '../../../contract/cleanup.ts';
import { fail } from '../../../contract/result.ts';
import { invocationOf, type Options, withCommonOptions, withEngine } from '../command.ts';
import { listWorktreesOffline } from '../offline.ts';
import { failWith, succeed, table, warn } from '../output.ts';
import { requireProject } from '../project.ts';

/** Milliseconds removing worktrees may take: many large ones on a slow disk. */
const REMOVE_MS = 600_000;

/** `ov clean`, `ov worktree list|remove|clean`. */
export function registerCleanup(program: Command): void {
  withCommonOptions(program.command('clean'))
    .description('take things away; work is kept in the vault first')
    .option('--all', 'everything below, and the merge queue, nudge state and the current run')
    .option('--worktrees', "agents' worktrees with their branches; ends all agents")
    .option('--branches', "agents' branches that have no worktree any more")
    .option('--sessions', 'who worked when, and runs; ends all agents')
    .option('--mail', 'all mail')
    .option('--metrics', 'what sessions used and cost')
    .option('--logs', 'logs of turns that have ended')
    .option('--agents', 'identities of agents that have ended')
    .option('--specs', 'task specs')
    .option('--agent <name>', 'one agent only: its turn, worktree, branch, folder and logs')
    .option('--accept-loss', 'although a worktree holds what no snapshot can: a repository of its own, huge files')
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const acceptLoss = options.acceptLoss === true;
        const targets = CLEAN_TARGETS.filter((target) => options[target] === true);
        if (typeof options.agent === 'string') {
          if (options.all === true)
            return fail('validation', '--agent and --all are mutually exclusive: name one agent, or clean everything', {
              field: 'agent',
            });
          const request = { agentName: options.agent, acceptLoss };
          const cleaned = await client.call('cleanup.agent', request, { timeoutMs: REMOVE_MS });
          if (!cleaned.ok) return cleaned;
          for (const line of cleaned.value.kept) warn(line);
          succeed(invocation, 'clean', { agent: cleaned.value }, agentLines(cleaned.value));
          return cleaned;
        }
        if (targets.length === 0) {
          return fail(
            'validation',
            `No cleanup targets specified: name one or more of ${CLEAN_TARGETS.map((target) => `--${target}`).join(', ')}, or --agent <name>`,
            { field: 'targets' },
          );
        }
        const cleaned = await client.call('cleanup.run', { targets, acceptLoss }, { timeoutMs: REMOVE_MS });
        if (!cleaned.ok) return cleaned;
        for (const line of cleaned.value.kept) warn(line);
        succeed(invocation, 'clean', { ...cleaned.value, mulchHealth: null }, lines(cleaned.value));
        return cleaned;
      }),
    );

  const worktree = withCommonOptions(program.command('worktree')).description("agents' worktrees");
  withCommonOptions(worktree.command('list')).action(async (_options: Options, command: Command) => {
    const invocation = invocationOf(command);
    const project = await requireProject(invocation.project);
    if (!project.ok) return failWith(invocation, project.error);
    const listed = await listWorktreesOffline(project.value);
    if (!listed.ok) return failWith(invocation, listed.error);
    const rows = listed.value.map((row) => [
      row.agentName ?? '?',
      row.state ?? 'unknown',
      row.taskId ?? '?',
      row.branch,
      row.path,
    ]);
    succeed(
      invocation,
      'worktree list',
      { worktrees: listed.value },
      rows.length === 0 ? ['No worktrees.'] : table(rows),
    );
  });

  withCommonOptions(worktree.command('clean'))
    .description('remove worktrees of completed agents whose branches are merged, with branches and rows')
    .option('--completed', 'of completed agents only, as without options')
    .option('--all', 'of dead agents too')
    .option('--force', 'unmerged branches, agents at work and nested agents too')
    .option('--accept-loss', 'although one holds what no snapshot can: a repository of its own, huge files')
    .action((options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const request = {
          all: options.all === true && options.completed !== true,
          force: options.force === true,
          acceptLoss: options.acceptLoss === true,
        };
        const cleaned = await client.call('worktrees.clean', request, { timeoutMs: REMOVE_MS });
        if (!cleaned.ok) return cleaned;
        const { reasons, ...reply } = cleaned.value;
        const text = reply.cleaned.map((branch) => `removed ${branch}`);
        for (const branch of reply.seedsPreserved) text.push(`tracker changes of ${branch} saved`);
        for (const branch of [...reply.skipped, ...reply.blockedByChildren, ...reply.failed])
          text.push(`kept ${branch}: ${reasons[branch] ?? ''}`);
        if (reply.pruned > 0) text.push(`${reply.pruned} ended agents forgotten`);
        if (text.length === 0) text.push('No worktrees to clean.');
        if (reply.failed.length > 0) process.exitCode = 1;
        succeed(invocation, 'worktree clean', { ...reply, reasons, mailPurged: 0 }, text);
        return cleaned;
      }),
    );

  withCommonOptions(worktree.command('remove'))
    .description('remove the worktree of an agent that has ended; what is in it is kept in the vault first')
    .argument('<agent>')
    .option('--force', 'with uncommitted work in it, and its branch even if unmerged')
    .option('--accept-loss', 'although it holds what no snapshot can: a repository of its own, huge files')
    .action((agentName: string, options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const request = { agentName, force: options.force === true, acceptLoss: options.acceptLoss === true };
        const removed = await client.call('worktrees.remove', request, { timeoutMs: REMOVE_MS });
        if (!removed.ok) return removed;
        const { worktree: path, branch, branchDeleted } = removed.value;
        const kept = branchDeleted ? `branch ${branch} deleted` : `branch ${branch} stays`;
        succeed(invocation, 'worktree remove', { agentName, ...removed.value }, [
          `${path} removed, ${kept}; "ov vault list ${agentName}" shows what is kept`,
        ]);
        return removed;
      }),
    );
}

function lines(reply: CleanReply): string[] {
  const done = [
    ...(reply.agentsStopped.length > 0 ? [`ended ${reply.agentsStopped.join(', ')}`] : []),
    ...(reply.worktreesCleaned > 0 ? [`removed ${reply.worktreesCleaned} worktrees`] : []),
    ...(reply.branchesDeleted > 0 ? [`deleted ${reply.branchesDeleted} branches`] : []),
    ...(reply.mailWiped ? ['wiped mail'] : []),
    ...(reply.sessionsCleared ? ['cleared sessions and runs'] : []),
    ...(reply.mergeQueueCleared ? ['cleared the merge queue'] : []),
    ...(reply.metricsWiped ? ['wiped metrics'] : []),
    ...(reply.logsCleared ? ['cleared logs'] : []),
    ...(reply.agentsCleared ? ['cleared agents'] : []),
    ...(reply.specsCleared ? ['cleared specs'] : []),
    ...(reply.nudgeStateCleared ? ['cleared nudge state'] : []),
    ...(reply.currentRunCleared ? ['cleared the current run'] : []),
  ];
  if (done.length === 0) return ['Nothing to clean.'];
  const gone = reply.worktreesCleaned + reply.branchesDeleted > 0;
  return gone ? [...done, '"ov vault list" shows what is kept'] : done;
}

function agentLines(reply: CleanAgentReply): string[] {
  const done = [
    ...(reply.turnEnded ? ['ended its turn'] : []),
    ...(reply.worktreeRemoved ? ['removed its worktree'] : []),
    ...(reply.branchDeleted ? ['deleted its branch'] : []),
    ...(reply.agentDirCleared ? ['emptied its folder'] : []),
    ...(reply.logsDirCleared ? ['emptied its logs'] : []),
    ...(reply.markedCompleted ? ['marked it completed'] : []),
  ];
  return [`${reply.agentName}: ${done.length === 0 ? 'nothing to clean' : done.join(', ')}`];
}
