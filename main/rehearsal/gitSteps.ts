import { askGuard } from './askGuard.ts';
import { displayCommand, runProgram, runShell } from './commands.ts';
import { CONTINUE, lookupOf, renderAll, type StepContext, type StepOutcome, wrong } from './context.ts';
import type { Step } from './steps.ts';
import { renderShell } from './template.ts';

type StepOf<Kind extends Step['kind']> = Extract<Step, { readonly kind: Kind }>;

/** Milliseconds one git command may take. */
const GIT_TIMEOUT_MS = 60_000;
/** Folders that hold the agent's own instructions, never part of its work. */
const NOT_COMMITTED = ['.claude', '.overstory'];

/** Runs the script's own command line in the worktree. */
export async function performRun(step: StepOf<'run'>, context: StepContext): Promise<StepOutcome> {
  const rendered = renderShell(step.command, lookupOf(context));
  if (!rendered.ok) return wrong(rendered.error.message);
  const callId = await context.output.toolUse('Bash', { command: rendered.value });
  const refusal = step.guarded ? await askGuard(context.settingsFile, rendered.value, context.identity.worktree) : null;
  const result =
    refusal === null
      ? await runShell(rendered.value, {
          cwd: context.identity.worktree,
          timeoutMs: step.timeoutSeconds * 1000,
          signal: context.signal,
        })
      : { code: null, stdout: '', stderr: `the guard refused it: ${refusal}` };
  const succeeded = result.code === 0;
  const text = [result.stdout.trimEnd(), result.stderr.trimEnd()].filter((part) => part !== '').join('\n');
  await context.save({ last: { status: succeeded ? 'ok' : 'failed', output: text.slice(-4_000) } });
  await context.output.toolResult(callId, text, !succeeded);
  if (step.expect === 'any' || (step.expect === 'ok') === succeeded) return CONTINUE;
  const ending = text.split('\n').at(-1) ?? '';
  return wrong(
    succeeded
      ? 'the command succeeded, but the script expects it to fail'
      : `the command ended with exit code ${result.code ?? 'none'}${ending === '' ? '' : `: ${ending}`}`,
  );
}

/** Commits everything in the worktree; nothing to commit is fine, which makes it safe to repeat. */
export async function performCommit(step: StepOf<'commit'>, context: StepContext): Promise<StepOutcome> {
  const rendered = renderAll(context, { message: step.message });
  if (!rendered.ok) return wrong(rendered.error.message);
  const commit = ['commit', '-m', rendered.value.message];
  const callId = await context.output.toolUse('Bash', {
    command: `git add -A && ${displayCommand('git', commit)}`,
  });
  const finish = async (text: string, isError: boolean) => {
    await context.output.toolResult(callId, text, isError);
    return isError ? wrong(`git: ${text.split('\n')[0]}`) : CONTINUE;
  };
  const added = await git(context, ['add', '-A']);
  if (added.code !== 0) return finish(added.stderr.trim(), true);
  await git(context, ['reset', '-q', '--', ...NOT_COMMITTED]);
  const staged = await git(context, ['diff', '--cached', '--quiet']);
  if (staged.code === 0) return finish('nothing to commit, working tree clean', false);
  const result = await git(context, [...(await identity(context)), ...commit]);
  return result.code === 0
    ? finish(result.stdout.trim(), false)
    : finish(result.stderr.trim() || result.stdout.trim(), true);
}

/** Files that differ between the branch and where it left the project's branch; empty when git cannot tell. */
export async function filesModified(context: StepContext): Promise<readonly string[]> {
  const options = { timeoutMs: GIT_TIMEOUT_MS, signal: context.signal };
  const main = await runProgram('git', ['rev-parse', 'HEAD'], { cwd: context.identity.projectRoot, ...options });
  const changed = await git(context, ['diff', '--name-only', `${main.stdout.trim()}...HEAD`]);
  return changed.code === 0 ? changed.stdout.split('\n').filter((path) => path !== '') : [];
}

/** Branch checked out in a folder; null outside git or without one. */
export async function currentBranch(cwd: string, signal: AbortSignal): Promise<string | null> {
  const result = await runProgram('git', ['symbolic-ref', '--short', 'HEAD'], {
    cwd,
    timeoutMs: GIT_TIMEOUT_MS,
    signal,
  });
  return result.code === 0 ? result.stdout.trim() : null;
}

/** A name to commit under where the machine has none, so that a rehearsal needs no set-up. */
async function identity(context: StepContext): Promise<readonly string[]> {
  const known = await git(context, ['var', 'GIT_COMMITTER_IDENT']);
  if (known.code === 0) return [];
  const name = context.identity.agent;
  return ['-c', `user.name=${name}`, '-c', `user.email=${name}@rehearsal.invalid`];
}

function git(context: StepContext, args: readonly string[]) {
  return runProgram('git', args, {
    cwd: context.identity.worktree,
    timeoutMs: GIT_TIMEOUT_MS,
    signal: context.signal,
  });
}
