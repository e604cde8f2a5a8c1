import type { Command } from 'commander';
import type { SlingRequest } from '../../../contract/agents.ts';
import { fail, ok, type Result } from '../../../contract/result.ts';
import type { BriefRoomClient } from '../../../contract/roomOutline.ts';
import { newMailId } from '../../core/mail/mailIds.ts';
import { type Invocation, integer, list, type Options, text, withCommonOptions, withEngine } from '../command.ts';
import { succeed, warn } from '../output.ts';

/** `ov sling` (spec 02 §3.1). */
export function registerSling(program: Command): void {
  withCommonOptions(program.command('sling'))
    .description('start an agent on a task in a worktree of its own')
    .argument('<task-id>')
    .option('--capability <role>', 'role of the agent', 'builder')
    .option('--name <name>', 'name of the agent (default: made from role and task)')
    .option('--spec <path>', 'spec file (default: .overstory/specs/<task-id>.md)')
    .option('--files <a,b>', 'files the agent may change')
    .option('--siblings <a,b>', 'agents that work beside it')
    .option('--parent <agent>', 'agent it reports to')
    .option('--depth <n>', 'depth in the hierarchy', '0')
    .option('--skip-scout', 'leads only: no scouts')
    .option('--skip-review', 'leads only: no reviewers')
    .option('--skip-task-check', 'do not ask the tracker')
    .option('--force-hierarchy', 'allow a role that needs a parent to start without one')
    .option('--max-agents <n>', 'limit of the parent for this start')
    .option('--dispatch-max-agents <n>', 'ceiling told to a lead')
    .option('--no-scout-check', 'no remark about missing scouts')
    .option('--runtime <name>', 'runtime of this agent')
    .option('--base-branch <branch>', 'branch the worktree starts from')
    .option('--profile <name>', 'prompt profile')
    .option('--headless', 'one process a turn, as always')
    .option('--no-headless', 'refused: "ov takeover" opens a conversation in its terminal')
    .option('--dry-run', 'only say what it would meet: room, runtime, guards, trust, collisions, cost')
    .option('--recover', 'start again on a task that is not open')
    .action((taskId: string, options: Options, command: Command) => {
      // Asked again after an engine that ended, the next one knows by this id whether the agent is there.
      const id = newMailId();
      return withEngine(
        command,
        async (client, invocation) => {
          if (options.headless === false)
            return fail(
              'validation',
              'agents run one process a turn: start it, then "ov takeover <agent>" opens its conversation in a terminal',
              {
                field: 'headless',
              },
            );
          const request = { ...slingRequest(taskId, options), id };
          if (options.dryRun === true) return preflight(client, invocation, request);
          const slung = await client.call('agents.sling', request, { timeoutMs: 120_000 });
          if (!slung.ok) return slung;
          const { warnings, ...reply } = slung.value;
          for (const line of warnings) warn(line);
          succeed(invocation, 'sling', { ...reply, tmuxSession: '', pid: null }, [
            `${reply.agentName} starts on ${reply.taskId} (branch ${reply.branch})`,
            ...(reply.guard === undefined ? [] : [`guards: ${reply.guard.level} (${reply.guard.note})`]),
          ]);
          return ok(null);
        },
        'repeatable',
      );
    });
}

function slingRequest(taskId: string, options: Options): SlingRequest {
  return {
    taskId,
    capability: text(options.capability) as SlingRequest['capability'],
    name: text(options.name)?.trim() || undefined,
    spec: text(options.spec),
    files: list(text(options.files) ?? ''),
    siblings: list(text(options.siblings) ?? ''),
    parent: text(options.parent),
    depth: integer(text(options.depth) ?? '0'),
    skipScout: options.skipScout === true,
    skipReview: options.skipReview === true,
    skipTaskCheck: options.skipTaskCheck === true,
    forceHierarchy: options.forceHierarchy === true,
    noScoutCheck: options.scoutCheck === false,
    maxAgents: options.maxAgents === undefined ? undefined : integer(text(options.maxAgents) ?? ''),
    dispatchMaxAgents:
      options.dispatchMaxAgents === undefined ? undefined : integer(text(options.dispatchMaxAgents) ?? ''),
    profile: text(options.profile),
    runtime: text(options.runtime),
    baseBranch: text(options.baseBranch),
    recover: options.recover === true,
    from: process.env.OVERSTORY_AGENT_NAME || undefined,
  };
}

/** What the sling would meet; exit code 1 when it would be refused. */
async function preflight(
  client: BriefRoomClient,
  invocation: Invocation,
  request: SlingRequest,
): Promise<Result<unknown>> {
  const asked = await client.call('agents.preflight', request);
  if (!asked.ok) return asked;
  const { allowed, refusal, capacity, runtime, agentName, collisions, estimate, warnings, guard, trust } = asked.value;
  if (!allowed) process.exitCode = 1;
  succeed(invocation, 'sling', { dryRun: true, ...asked.value }, [
    allowed ? `${agentName} would start on ${request.taskId}` : `refused: ${refusal ?? ''}`,
    `room        ${capacity.active} of ${capacity.limit} agents`,
    `runtime     ${runtime.id}: ${runtime.detail}`,
    ...(guard === undefined ? [] : [`guards      ${guard.level}: ${guard.note}`]),
    ...(trust === undefined || trust === null ? [] : [`trust       ${trust}`]),
    ...collisions.map((one) => `collision   ${one.agentName} ${one.why}: ${one.files.join(', ')}`),
    ...(collisions.length === 0 ? ['collisions  none predicted'] : []),
    estimate === null
      ? 'cost        no agent of this role has cost anything yet'
      : `cost        about $${estimate.usd.toFixed(2)}, of ${estimate.agents} such agents ($${estimate.lowUsd.toFixed(2)} to $${estimate.highUsd.toFixed(2)})`,
    ...warnings.map((line) => `remark      ${line}`),
  ]);
  return ok(null);
}
