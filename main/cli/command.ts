import type { Command } from 'commander';
import type { Result } from '../../contract/result.ts';
import type { RoomClient } from '../../contract/room.ts';
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

/** Runs a command's body against the project's engine, starting one if needed; failures end as one line and exit code 1. */
export async function withEngine(
  command: Command,
  body: (client: RoomClient, invocation: Invocation, projectRoot: string) => Promise<Result<unknown>>,
): Promise<void> {
  const invocation = invocationOf(command);
  const project = await requireProject(invocation.project);
  if (!project.ok) return failWith(invocation, project.error);
  const client = await requireEngine(project.value);
  if (!client.ok) return failWith(invocation, client.error);
  try {
    const done = await body(client.value, invocation, project.value);
    if (!done.ok) failWith(invocation, done.error);
  } finally {
    client.value.close();
  }
}

/** Splits `a, b,,c` into its parts; blanks are dropped (spec 02 §3.1). */
export function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Reads a whole number; anything else stays NaN, which the contract's schema refuses with the field's name. */
export function integer(text: string): number {
  return /^-?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
}
