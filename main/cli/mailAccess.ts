import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { LIMITS } from '../../contract/limits.ts';
import { MAIL_PRIORITIES, MAIL_TYPES } from '../../contract/mail.ts';
import { type CallError, fail, ok, type Result } from '../../contract/result.ts';
import type { BriefRoomClient } from '../../contract/roomOutline.ts';
import { type Invocation, invocationOf } from './command.ts';
import type { OfflineMail } from './offline.ts';
import { failWith } from './output.ts';
import { liveEngine, requireProject } from './project.ts';

/** Options of a mail command as they were given. */
export type MailOptions = Readonly<Record<string, string | boolean | undefined>>;

export const textOf = (value: string | boolean | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** Sender of a mail: `--agent` wins over `--from` (spec 02 §1.6), then the agent whose shell this is. */
export function senderOf(options: MailOptions): string {
  return textOf(options.agent) ?? textOf(options.from) ?? (process.env.OVERSTORY_AGENT_NAME || 'orchestrator');
}

/**
 * Mail goes through the engine when one runs and straight into the store otherwise: it is durable either way. An engine
 * that is lost before it answers is no reason to fail: what must not happen twice carries an id of its own.
 */
export async function withMail<Value>(
  command: Command,
  online: (client: BriefRoomClient) => Promise<Result<Value>>,
  offline: (mail: OfflineMail) => Promise<Result<Value>>,
  show: (value: Value, invocation: Invocation, project: string) => void | Promise<void>,
): Promise<void> {
  const invocation = invocationOf(command);
  const project = await requireProject(invocation.project);
  if (!project.ok) return failWith(invocation, project.error);
  const client = await liveEngine(project.value);
  const engine = client.ok ? client.value : null;
  let done = engine === null ? null : await online(engine).finally(() => engine.close());
  if (done === null || (!done.ok && done.error.tag === 'unavailable'))
    done = await (await import('./offline.ts')).withOfflineMail(project.value, offline);
  if (done.ok) await show(done.value, invocation, project.value);
  else failWith(invocation, done.error);
}

/** The text of `--body`, or of the file of `--body-file`, where `-` is standard input. */
export async function bodyOf(options: MailOptions): Promise<Result<string>> {
  const body = textOf(options.body);
  const path = textOf(options.bodyFile);
  if (body !== undefined && path !== undefined)
    return fail('validation', 'give --body or --body-file, not both', { field: 'body' });
  if (body !== undefined) return ok(body);
  if (path === undefined)
    return fail('validation', "required option '--body <text>' not specified, nor --body-file <path>", {
      field: 'body',
    });
  try {
    const text = path === '-' ? await readAll(process.stdin) : await readFile(path, 'utf8');
    const content = text.replace(/\r?\n$/, '');
    if (content.length <= LIMITS.bodyLength) return ok(content);
    return fail('validation', `the body has more than ${LIMITS.bodyLength} characters: name the file in it instead`, {
      field: 'body',
    });
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
    return fail('validation', `the body cannot be read from ${path}: ${why}`, { field: 'body' });
  }
}

async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts).toString('utf8');
}

/** What is wrong with `--type` or `--priority`; null when they are words of the contract. */
export function wrongWords(options: MailOptions): CallError | null {
  const type = textOf(options.type);
  if (type !== undefined && !(MAIL_TYPES as readonly string[]).includes(type))
    return {
      tag: 'validation',
      field: 'type',
      message: `Invalid --type "${type}": use one of ${MAIL_TYPES.join(', ')}`,
    };
  const priority = textOf(options.priority);
  if (priority !== undefined && !(MAIL_PRIORITIES as readonly string[]).includes(priority))
    return {
      tag: 'validation',
      field: 'priority',
      message: `Invalid --priority "${priority}": use one of ${MAIL_PRIORITIES.join(', ')}`,
    };
  return null;
}
