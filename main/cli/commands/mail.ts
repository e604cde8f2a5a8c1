import { join } from 'node:path';
import type { Command } from 'commander';
import {
  DELIVERY_STATES,
  type DeliveryState,
  type ListMailInput,
  MAIL_PRIORITIES,
  MAIL_TYPES,
  type MailPriority,
  type MailType,
  SendMailInput,
} from '../../../contract/mail.ts';
import { ok } from '../../../contract/result.ts';
import { plainIssue } from '../../../contract/wire/plainIssue.ts';
import { validationError } from '../../../contract/wire/rpcServer.ts';
import { isDebounced, noteCheck, readCheckState } from '../../core/mail/checkDebounce.ts';
import { formatMailInjection } from '../../core/mail/mailFormat.ts';
import { newMailId } from '../../core/mail/mailIds.ts';
import { nudgeBanner, takePendingNudge } from '../../core/mail/pendingNudges.ts';
import { neutralise } from '../../platform/neutralText.ts';
import { integer, invocationOf, withCommonOptions } from '../command.ts';
import { bodyOf, type MailOptions, senderOf, textOf, withMail, wrongWords } from '../mailAccess.ts';
import { callMailId, showSent } from '../mailSent.ts';
import { mailLines, plainMail } from '../mailText.ts';
import { failWith, succeed } from '../output.ts';
import { requireProject } from '../project.ts';
import { registerMailDelivery } from './mailDelivery.ts';

/** `ov mail send|check|list|read|reply|purge` (spec 02 §1.6), and what follows a delivery (mailDelivery.ts). */
export function registerMail(program: Command): void {
  const mail = withCommonOptions(program.command('mail')).description('durable mail between agents and people');

  withCommonOptions(mail.command('send'))
    .description('send a mail to an agent, to "operator", or to a group such as @builders')
    .requiredOption('--to <address>')
    .requiredOption('--subject <text>')
    .option('--body <text>')
    .option('--body-file <path>', 'the body from a file, or from standard input with "-"')
    .option('--from <name>')
    .option('--agent <name>', 'the same as --from, and wins over it')
    .option('--type <type>', MAIL_TYPES.join(', '), 'status')
    .option('--priority <priority>', MAIL_PRIORITIES.join(', '), 'normal')
    .option('--payload <json>')
    .action(async (options: MailOptions, command: Command) => {
      const invocation = invocationOf(command);
      const problem = wrongWords(options);
      if (problem !== null) return failWith(invocation, problem);
      const body = await bodyOf(options);
      if (!body.ok) return failWith(invocation, body.error);
      const request = {
        id: await callMailId(),
        to: textOf(options.to) ?? '',
        subject: textOf(options.subject) ?? '',
        body: body.value,
        from: senderOf(options),
        type: textOf(options.type) as MailType,
        priority: textOf(options.priority) as MailPriority,
        ...(options.payload === undefined ? {} : { payload: textOf(options.payload) ?? '' }),
      };
      await withMail(
        command,
        (client) => client.call('mail.send', request),
        async ({ service }) => {
          const parsed = SendMailInput.safeParse(request, { error: plainIssue });
          return parsed.success ? service.send(parsed.data) : validationError(parsed.error);
        },
        (sent) => showSent(sent, request.to, invocation),
      );
    });

  withCommonOptions(mail.command('check'))
    .description('take your unread mail; it counts as read')
    .option('--agent <name>', 'mailbox', process.env.OVERSTORY_AGENT_NAME || 'orchestrator')
    .option('--inject', 'as text for a prompt')
    .option('--debounce <ms>', 'nothing at all when this mailbox was checked less than this ago, with --debounce too')
    .action((options: MailOptions, command: Command) => checkMail(options, command));

  withCommonOptions(mail.command('list'))
    .description('list mail, newest first, without marking it')
    .option('--from <name>')
    .option('--to <name>')
    .option('--agent <name>', 'the same as --to')
    .option('--unread')
    .option('--type <type>')
    .option('--state <state>', DELIVERY_STATES.join(', '))
    .option('--thread <id>', 'the mails of one thread')
    .option('--limit <n>', 'at most this many', '200')
    .action(async (options: MailOptions, command: Command) => {
      const problem = wrongWords({ type: options.type, priority: undefined });
      if (problem !== null) return failWith(invocationOf(command), problem);
      const state = textOf(options.state);
      if (state !== undefined && !(DELIVERY_STATES as readonly string[]).includes(state))
        return failWith(invocationOf(command), {
          tag: 'validation',
          field: 'state',
          message: `Invalid --state "${state}": use one of ${DELIVERY_STATES.join(', ')}`,
        });
      const filter = {
        ...(options.from === undefined ? {} : { from: textOf(options.from) ?? '' }),
        ...(options.to === undefined && options.agent === undefined
          ? {}
          : { to: textOf(options.to) ?? textOf(options.agent) ?? '' }),
        ...(options.unread === true ? { unread: true } : {}),
        ...(options.type === undefined ? {} : { type: textOf(options.type) as MailType }),
        ...(state === undefined ? {} : { state: state as DeliveryState }),
        ...(options.thread === undefined ? {} : { threadId: textOf(options.thread) ?? '' }),
      } satisfies Partial<ListMailInput>;
      const limit = integer(textOf(options.limit) ?? '200');
      await withMail(
        command,
        (client) => client.call('mail.list', { ...filter, limit }),
        async ({ store }) => {
          const page = store.page({ ...filter, limit });
          return page.ok ? ok({ messages: [...page.value] }) : page;
        },
        ({ messages }, invocation) =>
          succeed(invocation, 'mail list', { messages: messages.map(plainMail) }, [
            ...messages.flatMap(mailLines),
            `Total: ${messages.length === 1 ? '1 message' : `${messages.length} messages`}`,
          ]),
      );
    });

  withCommonOptions(mail.command('read'))
    .description('show a mail and mark it read')
    .argument('<id>')
    .action((messageId: string, _options: MailOptions, command: Command) =>
      withMail(
        command,
        (client) => client.call('mail.markRead', { messageId }),
        async ({ service }) => service.markRead(messageId),
        ({ message, alreadyRead }, invocation) =>
          succeed(invocation, 'mail read', { message: plainMail(message), alreadyRead }, [
            ...mailLines(message),
            alreadyRead ? 'It was already read.' : 'Marked as read.',
          ]),
      ),
    );

  withCommonOptions(mail.command('reply'))
    .description('answer a mail in its thread')
    .argument('<id>')
    .option('--body <text>')
    .option('--body-file <path>', 'the body from a file, or from standard input with "-"')
    .option('--from <name>')
    .option('--agent <name>', 'the same as --from, and wins over it')
    .action(async (messageId: string, options: MailOptions, command: Command) => {
      const body = await bodyOf(options);
      if (!body.ok) return failWith(invocationOf(command), body.error);
      const from = senderOf(options);
      const id = newMailId();
      await withMail(
        command,
        (client) => client.call('mail.reply', { messageId, body: body.value, from, id }),
        ({ service }) => service.reply(messageId, body.value, from, id),
        (sent, invocation) => succeed(invocation, 'mail reply', { id: sent.id }, [`Sent ${sent.id}`]),
      );
    });

  registerMailDelivery(mail);
}

/** `mail check` (spec 02 §1.9): nothing at all when held back, the marker's banner before the mail, the time noted last. */
async function checkMail(options: MailOptions, command: Command): Promise<void> {
  const invocation = invocationOf(command);
  const given = textOf(options.debounce);
  const debounce = given === undefined ? null : integer(given);
  if (debounce !== null && (Number.isNaN(debounce) || debounce < 0))
    return failWith(invocation, { tag: 'validation', message: '--debounce must be a non-negative integer' });
  const project = await requireProject(invocation.project);
  if (!project.ok) return failWith(invocation, project.error);
  const folder = join(project.value, '.overstory');
  const agentName = textOf(options.agent) ?? 'orchestrator';
  if (debounce !== null && isDebounced(await readCheckState(folder), agentName, debounce, Date.now())) return;
  const nudge = options.inject === true ? await takePendingNudge(folder, agentName) : null;
  await withMail(
    command,
    (client) => client.call('mail.check', { agentName }),
    async ({ service }) => ok({ messages: [...service.check(agentName)] }),
    ({ messages }) => {
      if (options.inject === true) {
        const prompt = `${nudge === null ? '' : `${nudgeBanner(nudge)}\n\n`}${formatMailInjection(messages)}`;
        // A prompt keeps every byte; a person who looks at it gets the harmless form.
        process.stdout.write(process.stdout.isTTY ? neutralise(prompt) : prompt);
        return;
      }
      const lines = messages.length === 0 ? ['No new messages.'] : messages.flatMap(mailLines);
      succeed(invocation, 'mail check', { messages: messages.map(plainMail) }, lines);
    },
  );
  if (debounce !== null && process.exitCode !== 1) await noteCheck(folder, agentName, Date.now());
}
