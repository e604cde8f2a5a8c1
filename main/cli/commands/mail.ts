import type { Command } from 'commander';
import {
  type ListMailInput,
  MAIL_PRIORITIES,
  MAIL_TYPES,
  type MailMessage,
  type MailPriority,
  type MailType,
  SendMailInput,
} from '../../../contract/mail.ts';
import { ok, type Result } from '../../../contract/result.ts';
import type { BriefRoomClient } from '../../../contract/roomOutline.ts';
import { plainIssue } from '../../../contract/wire/plainIssue.ts';
import { validationError } from '../../../contract/wire/rpcServer.ts';
import { formatMailInjection } from '../../core/mail/mailFormat.ts';
import { newMailId } from '../../core/mail/mailIds.ts';
import { neutralise } from '../../platform/neutralText.ts';
import { type Invocation, integer, invocationOf, withCommonOptions } from '../command.ts';
import { failWith, succeed, warn } from '../output.ts';
import { liveEngine, requireProject } from '../project.ts';

type Options = Readonly<Record<string, string | boolean | undefined>>;

const text = (value: string | boolean | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** Sender of a mail: `--agent` wins over `--from` (spec 02 §1.6), then the agent whose shell this is. */
function sender(options: Options): string {
  return text(options.agent) ?? text(options.from) ?? (process.env.OVERSTORY_AGENT_NAME || 'orchestrator');
}

/**
 * Mail goes through the engine when one runs and straight into the store otherwise: it is durable either way. An engine
 * that is lost before it answers is no reason to fail: what must not happen twice carries an id of its own.
 */
async function withMail<Value>(
  command: Command,
  online: (client: BriefRoomClient) => Promise<Result<Value>>,
  offline: (project: string) => Promise<Result<Value>>,
  show: (value: Value, invocation: Invocation) => void,
): Promise<void> {
  const invocation = invocationOf(command);
  const project = await requireProject(invocation.project);
  if (!project.ok) return failWith(invocation, project.error);
  const client = await liveEngine(project.value);
  const engine = client.ok ? client.value : null;
  let done = engine === null ? null : await online(engine).finally(() => engine.close());
  if (done === null || (!done.ok && done.error.tag === 'unavailable')) done = await offline(project.value);
  if (done.ok) show(done.value, invocation);
  else failWith(invocation, done.error);
}

/** `ov mail send|check|list|read|reply|purge` (spec 02 §1.6). */
export function registerMail(program: Command): void {
  const mail = withCommonOptions(program.command('mail')).description('durable mail between agents and people');

  withCommonOptions(mail.command('send'))
    .description('send a mail to an agent, to "operator", or to a group such as @builders')
    .requiredOption('--to <address>')
    .requiredOption('--subject <text>')
    .requiredOption('--body <text>')
    .option('--from <name>')
    .option('--agent <name>', 'the same as --from, and wins over it')
    .option('--type <type>', MAIL_TYPES.join(', '), 'status')
    .option('--priority <priority>', MAIL_PRIORITIES.join(', '), 'normal')
    .option('--payload <json>')
    .action(async (options: Options, command: Command) => {
      const invocation = invocationOf(command);
      const problem = checkWords(options);
      if (problem !== null) return failWith(invocation, problem);
      const request = {
        id: newMailId(),
        to: text(options.to) ?? '',
        subject: text(options.subject) ?? '',
        body: text(options.body) ?? '',
        from: sender(options),
        type: text(options.type) as MailType,
        priority: text(options.priority) as MailPriority,
        ...(options.payload === undefined ? {} : { payload: text(options.payload) ?? '' }),
      };
      await withMail(
        command,
        (client) => client.call('mail.send', request),
        async (project) => {
          const parsed = SendMailInput.safeParse(request, { error: plainIssue });
          if (!parsed.success) return validationError(parsed.error);
          const { withOfflineMail } = await import('../offline.ts');
          return withOfflineMail(project, (service) => service.send(parsed.data));
        },
        ({ messageIds, recipients, warnings }) => {
          for (const line of warnings) warn(line);
          const group = request.to.startsWith('@');
          const data = group ? { messageIds, recipientCount: recipients.length } : { id: messageIds[0] };
          const lines = group
            ? [
                `Broadcast sent to ${recipients.length} recipient(s) (${request.to})`,
                ...recipients.map((name) => `  → ${name}`),
              ]
            : [`Sent ${messageIds[0]} to ${request.to}`];
          succeed(invocation, 'mail send', data, lines);
        },
      );
    });

  withCommonOptions(mail.command('check'))
    .description('take your unread mail; it counts as read')
    .option('--agent <name>', 'mailbox', process.env.OVERSTORY_AGENT_NAME || 'orchestrator')
    .option('--inject', 'as text for a prompt')
    .option('--debounce <ms>', 'kept for compatibility with hooks')
    .action((options: Options, command: Command) => {
      const debounce = options.debounce === undefined ? 0 : integer(text(options.debounce) ?? '');
      if (Number.isNaN(debounce) || debounce < 0)
        return failWith(invocationOf(command), {
          tag: 'validation',
          message: '--debounce must be a non-negative integer',
        });
      const agentName = text(options.agent) ?? 'orchestrator';
      return withMail(
        command,
        (client) => client.call('mail.check', { agentName }),
        async (project) => {
          const { withOfflineMail } = await import('../offline.ts');
          return withOfflineMail(project, async (service) => ok({ messages: [...service.check(agentName)] }));
        },
        ({ messages }, invocation) => {
          if (options.inject === true) {
            const prompt = formatMailInjection(messages);
            // A prompt keeps every byte; a person who looks at it gets the harmless form.
            process.stdout.write(process.stdout.isTTY ? neutralise(prompt) : prompt);
          } else
            succeed(
              invocation,
              'mail check',
              { messages: messages.map(plain) },
              messages.length === 0 ? ['No new messages.'] : messages.flatMap(lines),
            );
        },
      );
    });

  withCommonOptions(mail.command('list'))
    .description('list mail, newest first, without marking it')
    .option('--from <name>')
    .option('--to <name>')
    .option('--agent <name>', 'the same as --to')
    .option('--unread')
    .option('--type <type>')
    .option('--limit <n>', 'at most this many', '200')
    .action(async (options: Options, command: Command) => {
      const problem = checkWords({ type: options.type, priority: undefined });
      if (problem !== null) return failWith(invocationOf(command), problem);
      const filter = {
        ...(options.from === undefined ? {} : { from: text(options.from) ?? '' }),
        ...(options.to === undefined && options.agent === undefined
          ? {}
          : { to: text(options.to) ?? text(options.agent) ?? '' }),
        ...(options.unread === true ? { unread: true } : {}),
        ...(options.type === undefined ? {} : { type: text(options.type) as MailType }),
      } satisfies Partial<ListMailInput>;
      const limit = integer(text(options.limit) ?? '200');
      await withMail(
        command,
        (client) => client.call('mail.list', { ...filter, limit }),
        async (project) => {
          const { withOfflineMail } = await import('../offline.ts');
          return withOfflineMail(project, async (_service, store) => {
            const page = store.page({ ...filter, limit });
            return page.ok ? ok({ messages: [...page.value] }) : page;
          });
        },
        ({ messages }, invocation) =>
          succeed(invocation, 'mail list', { messages: messages.map(plain) }, [
            ...messages.flatMap(lines),
            `Total: ${messages.length} message(s)`,
          ]),
      );
    });

  withCommonOptions(mail.command('read'))
    .description('show a mail and mark it read')
    .argument('<id>')
    .action((messageId: string, _options: Options, command: Command) =>
      withMail(
        command,
        (client) => client.call('mail.markRead', { messageId }),
        async (project) => {
          const { withOfflineMail } = await import('../offline.ts');
          return withOfflineMail(project, async (service) => service.markRead(messageId));
        },
        ({ message, alreadyRead }, invocation) =>
          succeed(invocation, 'mail read', { message: plain(message), alreadyRead }, [
            ...lines(message),
            alreadyRead ? 'It was already read.' : 'Marked as read.',
          ]),
      ),
    );

  withCommonOptions(mail.command('reply'))
    .description('answer a mail in its thread')
    .argument('<id>')
    .requiredOption('--body <text>')
    .option('--from <name>')
    .option('--agent <name>', 'the same as --from, and wins over it')
    .action((messageId: string, options: Options, command: Command) => {
      const body = text(options.body) ?? '';
      const from = sender(options);
      const id = newMailId();
      return withMail(
        command,
        (client) => client.call('mail.reply', { messageId, body, from, id }),
        async (project) => {
          const { withOfflineMail } = await import('../offline.ts');
          return withOfflineMail(project, (service) => service.reply(messageId, body, from, id));
        },
        ({ id }, invocation) => succeed(invocation, 'mail reply', { id }, [`Sent ${id}`]),
      );
    });
}

function checkWords(
  options: Options,
): { readonly tag: 'validation'; readonly message: string; readonly field: string } | null {
  const type = text(options.type);
  if (type !== undefined && !(MAIL_TYPES as readonly string[]).includes(type))
    return {
      tag: 'validation',
      field: 'type',
      message: `unknown mail type "${type}": use one of ${MAIL_TYPES.join(', ')}`,
    };
  const priority = text(options.priority);
  if (priority !== undefined && !(MAIL_PRIORITIES as readonly string[]).includes(priority))
    return {
      tag: 'validation',
      field: 'priority',
      message: `unknown priority "${priority}": use one of ${MAIL_PRIORITIES.join(', ')}`,
    };
  return null;
}

/** JSON shape of the reference (spec 02 §1.6): the delivery path is ours and left out. */
function plain(message: MailMessage): Omit<MailMessage, 'delivery'> {
  const { delivery: _delivery, ...rest } = message;
  return rest;
}

/** A message as text (spec 02 §1.6, human list format). */
function lines(message: MailMessage): string[] {
  const priority = message.priority === 'normal' ? '' : ` [${message.priority}]`;
  return [
    `${message.read ? ' ' : '*'} ${message.id}  From: ${message.from} → To: ${message.to}${priority}`,
    `    ${message.subject} (${message.type})`,
    ...message.body.split(/\r?\n/).map((line) => `    ${line}`),
    ...(message.payload === null ? [] : [`    Payload: ${message.payload}`]),
    `    ${message.createdAt}`,
  ];
}
