import { Command, CommanderError } from 'commander';
import { PRODUCT_VERSION } from '../../contract/version.ts';
import { neutralLine } from '../platform/neutralText.ts';
import { withCommonOptions } from './command.ts';
import { failWith } from './output.ts';

type Register = (program: Command) => void;

/** Which module holds a command. A call loads only the one it needs: an agent waits for every `ov` it runs. */
export const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  ...each(['init'], async () => (await import('./commands/project.ts')).registerProject),
  ...each(['clean', 'worktree'], async () => (await import('./commands/cleanup.ts')).registerCleanup),
  ...each(['serve', 'open', 'wall'], async () => (await import('./commands/engine.ts')).registerEngine),
  ...each(
    ['status', 'stop', 'nudge', 'retry', 'agents'],
    async () => (await import('./commands/agents.ts')).registerAgents,
  ),
  ...each(['sling'], async () => (await import('./commands/sling.ts')).registerSling),
  ...each(['pause', 'resume'], async () => (await import('./commands/pause.ts')).registerPause),
  ...each(['config'], async () => (await import('./commands/config.ts')).registerConfig),
  ...each(['costs'], async () => (await import('./commands/costs.ts')).registerCosts),
  ...each(['metrics'], async () => (await import('./commands/metrics.ts')).registerMetrics),
  ...each(['takeover', 'handback'], async () => (await import('./commands/takeOver.ts')).registerTakeOver),
  ...each(['guard'], async () => (await import('./commands/guard.ts')).registerGuard),
  ...each(['prime', 'log', 'hooks'], async () => (await import('./commands/hooks.ts')).registerHooks),
  ...each(['checkpoint'], async () => (await import('./commands/checkpoint.ts')).registerCheckpoint),
  ...each(['supervisor'], async () => (await import('./commands/supervisor.ts')).registerSupervisor),
  ...each(['mail'], async () => (await import('./commands/mail.ts')).registerMail),
  ...each(['spec', 'task'], async () => (await import('./commands/tasks.ts')).registerTasks),
  ...each(['group'], async () => (await import('./commands/groups.ts')).registerGroups),
  ...each(['merge'], async () => (await import('./commands/merge.ts')).registerMerge),
  ...each(['why', 'watchdog', 'watch'], async () => (await import('./commands/watchdog.ts')).registerWatchdog),
  ...each(['doctor'], async () => (await import('./commands/doctor.ts')).registerDoctor),
  ...each(['drill'], async () => (await import('./commands/drill.ts')).registerDrill),
  ...each(['radar'], async () => (await import('./commands/radar.ts')).registerRadar),
  ...each(['vault'], async () => (await import('./commands/vault.ts')).registerVault),
  ...each(['recordings'], async () => (await import('./commands/recordings.ts')).registerRecordings),
  ...each(['monitor'], async () => (await import('./commands/monitor.ts')).registerMonitor),
  ...each(
    ['coordinator', 'orchestrator', 'discover'],
    async () => (await import('./commands/coordinator.ts')).registerCoordinator,
  ),
  ...each(['run'], async () => (await import('./commands/runs.ts')).registerRuns),
};

function each(
  names: readonly string[],
  load: () => Promise<Register>,
): Readonly<Record<string, () => Promise<Register>>> {
  return Object.fromEntries(names.map((name) => [name, load]));
}

/** Options that take the next word, before the command's own name is known. */
const WITH_VALUE = new Set(['--project']);

/** The command a call names: its first word that is neither an option nor an option's value. */
export function commandNamed(args: readonly string[]): string | null {
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (WITH_VALUE.has(word)) at += 1;
    else if (!word.startsWith('-')) return word;
  }
  return null;
}

/** Runs one call of `ov`. Whatever goes wrong ends as one line and exit code 1 (spec 02 §0.2). */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const args = argv.slice(2);
  const json = args.includes('--json');
  const output = { json, quiet: false };
  // A reader that has seen enough, such as `head`, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const program = withCommonOptions(new Command('ov'))
    .description('The command line of Overstory Control Room: fleets of coding agents in git worktrees.')
    .version(versionText(json), '-v, --version')
    .option('--verbose', 'the whole stack of an unexpected error')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeErr: (text) => void (json ? true : process.stderr.write(errorText(text))) });

  try {
    const load = COMMANDS[commandNamed(args) ?? ''];
    const registers =
      load === undefined ? await Promise.all(new Set(Object.values(COMMANDS).map(call))) : [await load()];
    for (const register of new Set(registers)) register(program);
    const asked = commandNamed(args) === 'help' ? commandNamed(args.slice(args.indexOf('help') + 1)) : null;
    if (asked !== null && !program.commands.some((command) => command.name() === asked))
      program.error(`error: unknown command '${asked}'`);
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      failWith(output, { tag: 'internal', message: error instanceof Error ? firstLine(error.message) : String(error) });
      if (args.includes('--verbose')) process.stderr.write(`${error instanceof Error ? error.stack : ''}\n`);
      return;
    }
    // Commander has printed its line already; help and version that were asked for end with 0.
    if (error.exitCode === 0) return;
    process.exitCode = 1;
    if (!json) return;
    const message = error.code === 'commander.help' ? 'say which command: "ov --help" lists them' : error.message;
    failWith(output, { tag: 'validation', message: oneLine(message.replace(/^error: /, '')) });
  }
}

const call = (load: () => Promise<Register>): Promise<Register> => load();

/** One clear line for an error; help, which is many lines by nature, as it is. */
function errorText(text: string): string {
  return text.startsWith('error:') ? `${neutralLine(oneLine(text.replace(/^error:/, 'Error:')))}\n` : text;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

function versionText(json: boolean): string {
  if (!json) return PRODUCT_VERSION;
  return JSON.stringify({
    name: 'overstory-control-room',
    version: PRODUCT_VERSION,
    runtime: 'node',
    platform: `${process.platform}-${process.arch}`,
  });
}
