import { join } from 'node:path';
import type { Command } from 'commander';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { type Checkpoint, clearCheckpoint, loadCheckpoint, saveCheckpoint } from '../../core/agents/checkpoint.ts';
import { checkpointLines } from '../../core/agents/prime.ts';
import { openSessions } from '../../core/sessions/sessionStore.ts';
import { timestamp } from '../../platform/clock.ts';
import { list, type Options, text, withCommonOptions, withProject } from '../command.ts';
import { succeed } from '../output.ts';

/** `ov checkpoint save|show|clear`: an agent notes where it stands, for a later conversation of its own (spec 02 §3.8). */
export function registerCheckpoint(program: Command): void {
  const checkpoint = withCommonOptions(program.command('checkpoint')).description(
    'where an agent stands, for a later conversation of its own',
  );
  const named = (command: Command): Command =>
    withCommonOptions(command).option('--agent <name>', 'whose', process.env.OVERSTORY_AGENT_NAME || undefined);

  named(checkpoint.command('save'))
    .description('note it, over an earlier note')
    .requiredOption('--summary <text>', 'what is done')
    .requiredOption('--pending <text>', 'what is still to do')
    .option('--files <a,b>', 'files that were changed')
    .option('--domains <a,b>', 'what was learnt about')
    .action((options: Options, command: Command) =>
      withProject(command, async (invocation, root) => {
        const agent = agentOf(options);
        if (!agent.ok) return agent;
        const noted = note(root, agent.value, options);
        if (!noted.ok) return noted;
        const saved = await saveCheckpoint(folderOf(root), noted.value);
        if (saved.ok)
          succeed(invocation, 'checkpoint save', { checkpoint: saved.value }, [`Noted for ${agent.value}.`]);
        return saved;
      }),
    );
  named(checkpoint.command('show'))
    .description('the note, if there is one')
    .action((options: Options, command: Command) =>
      withProject(command, async (invocation, root) => {
        const agent = agentOf(options);
        if (!agent.ok) return agent;
        const found = await loadCheckpoint(folderOf(root), agent.value);
        if (!found.ok) return found;
        const lines = found.value === null ? [`${agent.value} has no checkpoint.`] : checkpointLines(found.value);
        succeed(invocation, 'checkpoint show', { checkpoint: found.value }, lines);
        return ok(null);
      }),
    );
  named(checkpoint.command('clear'))
    .description('forget it')
    .action((options: Options, command: Command) =>
      withProject(command, async (invocation, root) => {
        const agent = agentOf(options);
        if (!agent.ok) return agent;
        const cleared = await clearCheckpoint(folderOf(root), agent.value);
        if (cleared.ok)
          succeed(invocation, 'checkpoint clear', { agentName: agent.value }, [
            `The checkpoint of ${agent.value} is gone.`,
          ]);
        return cleared;
      }),
    );
}

const folderOf = (root: string): string => join(root, '.overstory', 'agents');

function agentOf(options: Options): Result<string> {
  const name = text(options.agent) ?? '';
  return name === '' ? fail('validation', 'say whose it is: --agent <name>', { field: 'agent' }) : ok(name);
}

/** What is noted, with what the agent's row says of task, session and branch. */
function note(root: string, agentName: string, options: Options): Result<Checkpoint> {
  const sessions = openSessions(join(root, '.overstory', 'sessions.db'), { readOnly: true });
  if (!sessions.ok) return sessions;
  const row = sessions.value.getByName(agentName);
  sessions.value.close();
  if (row === null) return fail('notFound', `there is no agent ${agentName}: see "ov status --all"`);
  return ok({
    agentName,
    taskId: row.taskId,
    sessionId: row.id,
    timestamp: timestamp(Date.now()),
    progressSummary: text(options.summary) ?? '',
    filesModified: list(text(options.files) ?? ''),
    currentBranch: row.branchName,
    pendingWork: text(options.pending) ?? '',
    mulchDomains: list(text(options.domains) ?? ''),
  });
}
