import type { Command } from 'commander';
import { ok } from '../../../contract/result.ts';
import type { SnapshotFile, SnapshotView } from '../../../contract/vault.ts';
import { type Options, withCommonOptions, withEngine } from '../command.ts';
import { succeed, table, warn } from '../output.ts';

/** Milliseconds the vault may take for one thing: twenty thousand files on a slow disk. */
const VAULT_MS = 300_000;

const MARKS: Readonly<Record<SnapshotFile['change'], string>> = { added: 'A', modified: 'M', deleted: 'D' };

/** `ov vault snapshot|list|show|diff|restore|drop` (product.md B3). */
export function registerVault(program: Command): void {
  const vault = withCommonOptions(program.command('vault')).description(
    'snapshots of uncommitted work: taken before anything that ends or overwrites it, and by the clock',
  );

  withCommonOptions(vault.command('snapshot'))
    .description("take one of an agent's worktree now (default: of the project's checkout)")
    .argument('[agent]')
    .option('-m, --message <text>', 'what for')
    .action((agentName: string | undefined, options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const detail = typeof options.message === 'string' ? options.message : undefined;
        const taken = await client.call('vault.snapshot', { agentName, detail }, { timeoutMs: VAULT_MS });
        if (!taken.ok) return taken;
        const { snapshot } = taken.value;
        noteLeftOut(snapshot);
        succeed(invocation, 'vault snapshot', taken.value, [
          taken.value.taken
            ? `snapshot ${snapshot.id}: ${contents(snapshot)}`
            : `unchanged since snapshot ${snapshot.id}`,
        ]);
        return ok(null);
      }),
    );

  withCommonOptions(vault.command('list'))
    .description('what is kept, newest first')
    .argument('[agent]')
    .option('--checkout', "only of the project's checkout")
    .action((agentName: string | undefined, options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const request = { agentName, checkout: options.checkout === true };
        const listed = await client.call('vault.list', request, { timeoutMs: VAULT_MS });
        if (!listed.ok) return listed;
        const { snapshots } = listed.value;
        const rows = snapshots.map((view) => [
          view.id,
          view.takenAt,
          view.agentName ?? '(checkout)',
          view.detail === '' ? view.reason : `${view.reason}: ${view.detail}`,
          contents(view),
        ]);
        succeed(
          invocation,
          'vault list',
          { snapshots },
          rows.length === 0 ? ['Nothing is kept.'] : table([['id', 'taken', 'of', 'why', 'holds'], ...rows]),
        );
        return ok(null);
      }),
    );

  withCommonOptions(vault.command('show'))
    .description('what one snapshot holds')
    .argument('<id>', 'its id, or a part of it that means one')
    .action((id: string, _options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const shown = await client.call('vault.show', { id }, { timeoutMs: VAULT_MS });
        if (!shown.ok) return shown;
        const { snapshot, files, fileCount } = shown.value;
        const head = snapshot.head === null ? 'no commit yet' : snapshot.head.slice(0, 10);
        const more = fileCount - files.length;
        succeed(invocation, 'vault show', shown.value, [
          `${snapshot.id}  ${snapshot.takenAt}  ${snapshot.reason}: ${snapshot.detail}`,
          `of ${snapshot.agentName ?? 'the project checkout'} in ${snapshot.worktree}`,
          `on ${snapshot.branch ?? 'no branch'} at ${head}${snapshot.operation === null ? '' : `, ${snapshot.operation} under way`}`,
          `commit ${snapshot.commit} (plain git reads it: git diff ${head} ${snapshot.commit.slice(0, 10)})`,
          ...files.map(
            (file) => `  ${MARKS[file.change]}${file.untracked ? '?' : file.staged ? '+' : ' '} ${file.path}`,
          ),
          ...(more > 0 ? [`  and ${more} more`] : []),
          ...snapshot.leftOut.map((item) => `  left out: ${item.path} (${item.why})`),
        ]);
        return ok(null);
      }),
    );

  withCommonOptions(vault.command('diff'))
    .description("the patch from HEAD to a snapshot's files")
    .argument('<id>')
    .option('--from <what>', 'head, now (the files as they are), or another snapshot', 'head')
    .action((id: string, options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const from = typeof options.from === 'string' ? options.from : 'head';
        const compared = await client.call('vault.diff', { id, from }, { timeoutMs: VAULT_MS });
        if (!compared.ok) return compared;
        const { patch, truncated } = compared.value;
        if (truncated) warn('the patch is cut: "ov vault show" has the commit, which git can compare as a whole');
        succeed(invocation, 'vault diff', compared.value, patch === '' ? [] : patch.replace(/\n$/, '').split('\n'));
        return ok(null);
      }),
    );

  withCommonOptions(vault.command('restore'))
    .description('bring files and index back; what is there now is kept in a snapshot first')
    .argument('<id>')
    .option('--new [folder]', 'into a new worktree instead of the one it was taken of')
    .option('--move-head', 'set HEAD and its branch back too')
    .action((id: string, options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const folder = typeof options.new === 'string' ? options.new : undefined;
        const into = options.new === undefined ? ('same' as const) : ('new' as const);
        const request = { id, into, folder, moveHead: options.moveHead === true };
        const restored = await client.call('vault.restore', request, { timeoutMs: VAULT_MS });
        if (!restored.ok) return restored;
        const { worktree, written, removed, before, warnings } = restored.value;
        for (const line of warnings) warn(line);
        const back = before === null ? '' : `; what was there is snapshot ${before.id}`;
        succeed(invocation, 'vault restore', restored.value, [
          `${worktree}: ${written} files written, ${removed} removed${back}`,
        ]);
        return ok(null);
      }),
    );

  withCommonOptions(vault.command('drop'))
    .description('let go of snapshots; git clears their files away when it cleans up')
    .argument('<id...>')
    .action((ids: string[], _options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const dropped = await client.call('vault.drop', { ids }, { timeoutMs: VAULT_MS });
        if (!dropped.ok) return dropped;
        succeed(invocation, 'vault drop', dropped.value, [`${dropped.value.dropped.length} dropped`]);
        return ok(null);
      }),
    );
}

/** What a snapshot holds, in a few words. */
function contents(view: SnapshotView): string {
  const parts = [
    view.staged > 0 ? `${view.staged} staged` : null,
    view.changed > 0 ? `${view.changed} changed` : null,
    view.untracked > 0 ? `${view.untracked} untracked` : null,
    view.operation,
    view.leftOutCount > 0 ? `${view.leftOutCount} left out` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'commits only' : parts.join(', ');
}

function noteLeftOut(view: SnapshotView): void {
  for (const item of view.leftOut) warn(`left out: ${item.path} (${item.why})`);
  const more = view.leftOutCount - view.leftOut.length;
  if (more > 0) warn(`left out: ${more} more`);
}
