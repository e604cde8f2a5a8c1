import type { Command } from 'commander';
import type { Result } from '../../contract/result.ts';
import type { BriefRoomClient } from '../../contract/roomOutline.ts';
import { failWith, type Output } from './output.ts';
import { requireEngine, requireProject } from './project.ts';

/** What every command knows of its call. */
export interface Invocation extends Output {
  /** `--project`, when given. */
  readonly project: string | undefined;
}

/** Options that may stand before or after any command. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON line instead of text')
    .option('-q, --quiet', 'no hints, only results and errors')
    .option('--project <path>', 'the project, when it is not the one of this folder');
}

/** Reads them, wherever they stood. */
export function invocationOf(command: Command): Invocation {
  const options: Readonly<Record<string, unknown>> = command.optsWithGlobals();
  return {
    json: options.json === true,
    quiet: options.quiet === true,
    project: typeof options.project === 'string' ? options.project : undefined,
  };
}

/** Milliseconds within which a command that may be repeated looks for the next engine when the one it asked ended. */
const AGAIN_MS = 60_000;

/**
 * Runs a command's body against the project's engine, starting one if needed; failures end as one line and exit code 1.
 * A body that is `repeatable` does the same when it runs twice: it is run again when the engine ended before it answered.
 */
export async function withEngine(
  command: Command,
  body: (client: BriefRoomClient, invocation: Invocation, projectRoot: string) => Promise<Result<unknown>>,
  repeatable: 'repeatable' | 'once' = 'once',
): Promise<void> {
  const invocation = invocationOf(command);
  const project = await requireProject(invocation.project);
  if (!project.ok) return failWith(invocation, project.error);
  const deadline = Date.now() + AGAIN_MS;
  for (;;) {
    const client = await requireEngine(project.value);
    if (!client.ok) return failWith(invocation, client.error);
    let lost = false;
    const unwatch = client.value.onClose(() => {
      lost = true;
    });
    const done = await body(client.value, invocation, project.value);
    unwatch();
    client.value.close();
    if (done.ok) return;
    if (!lost) return failWith(invocation, done.error);
    if (repeatable === 'repeatable' && Date.now() < deadline) continue;
    return failWith(invocation, {
      ...done.error,
      message: `the engine ended before it answered (${done.error.message}): look at "ov status", then try again`,
    });
  }
}

/** Runs a command's body on a project that is set up, without an engine; failures end as one line and exit code 1. */
export async function withProject(
  command: Command,
  body: (invocation: Invocation, projectRoot: string) => Promise<Result<unknown>>,
): Promise<void> {
  const invocation = invocationOf(command);
  const project = await requireProject(invocation.project);
  const done = project.ok ? await body(invocation, project.value) : project;
  if (!done.ok) failWith(invocation, done.error);
}

/** Splits `a, b,,c` into its parts; blanks are dropped (spec 02 §3.1). */
export function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** What a command's own options hold, as the parser gives them. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

/** The text of an option; undefined when it was not given, or is a switch. */
export function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Reads a whole number; anything else stays NaN, which the contract's schema refuses with the field's name. */
export function integer(text: string): number {
  return /^-?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
}
