import type { Command } from 'commander';
import { type MailPriority, type MailType, parseWakePolicy } from '../../../contract/mail.ts';
import { ok } from '../../../contract/result.ts';
import { integer, invocationOf, withCommonOptions } from '../command.ts';
import { type MailOptions, senderOf, textOf, withMail, wrongWords } from '../mailAccess.ts';
import { callMailId, showSent } from '../mailSent.ts';
import { deliveryLine, mailLines, plainMail, traceLines, wakeLines } from '../mailText.ts';
import { failWith, succeed } from '../output.ts';

const DAY_MS = 86_400_000;

/** `ov mail show|trace|resend|forward|answer|ack|wake|delete|purge`: what became of a mail, and what is done about it. */
export function registerMailDelivery(mail: Command): void {
  withCommonOptions(mail.command('show'))
    .description('show a mail and where it is, without marking it')
    .argument('<id>')
    .action((messageId: string, _options: MailOptions, command: Command) =>
      trace(messageId, command, 'mail show', (found) => [...mailLines(found.message), deliveryLine(found.message)]),
    );

  withCommonOptions(mail.command('trace'))
    .description('everything that happened to a mail, with times, and what it waits for')
    .argument('<id>')
    .action((messageId: string, _options: MailOptions, command: Command) =>
      trace(messageId, command, 'mail trace', traceLines),
    );

  withCommonOptions(mail.command('resend'))
    .description('put a dead letter back into its queue')
    .argument('<id>')
    .action((messageId: string, _options: MailOptions, command: Command) =>
      withMail(
        command,
        (client) => client.call('mail.resend', { messageId }),
        async ({ service }) => service.resend(messageId),
        (_done, invocation) => succeed(invocation, 'mail resend', { id: messageId }, [`${messageId} is queued again`]),
      ),
    );

  withCommonOptions(mail.command('forward'))
    .description('send a copy of a mail to somebody else')
    .argument('<id>')
    .requiredOption('--to <address>')
    .option('--note <text>', 'your own words, before the copy', '')
    .option('--from <name>')
    .option('--agent <name>', 'the same as --from, and wins over it')
    .option('--priority <priority>', 'that of the mail unless given')
    .action(async (messageId: string, options: MailOptions, command: Command) => {
      const invocation = invocationOf(command);
      const problem = wrongWords({ type: undefined, priority: options.priority });
      if (problem !== null) return failWith(invocation, problem);
      const priority = textOf(options.priority) as MailPriority | undefined;
      const request = {
        messageId,
        to: textOf(options.to) ?? '',
        from: senderOf(options),
        note: textOf(options.note) ?? '',
        id: await callMailId(),
        ...(priority === undefined ? {} : { priority }),
      };
      await withMail(
        command,
        (client) => client.call('mail.forward', request),
        ({ followUp }) => followUp.forward(request),
        (sent) => showSent(sent, request.to, invocation, 'mail forward'),
      );
    });

  withCommonOptions(mail.command('answer'))
    .description('answer a decision gate by option (its name, or its number from 1) or a question in words, once')
    .argument('<id>')
    .argument('<answer...>')
    .option('--from <name>')
    .option('--agent <name>', 'the same as --from, and wins over it')
    .action((messageId: string, words: string[], options: MailOptions, command: Command) => {
      const from = senderOf(options);
      const answer = words.join(' ');
      return withMail(
        command,
        (client) => client.call('mail.answer', { messageId, answer, from }),
        ({ followUp }) => followUp.answer(messageId, answer, from),
        (done, invocation) =>
          succeed(invocation, 'mail answer', { id: done.id, answer: done.answer }, [
            `Answered ${messageId} with "${done.answer}" (${done.id})`,
          ]),
      );
    });

  withCommonOptions(mail.command('ack'))
    .description('confirm a mail without an answer')
    .argument('<id>')
    .option('--from <name>')
    .option('--agent <name>', 'the same as --from, and wins over it')
    .action((messageId: string, options: MailOptions, command: Command) => {
      const given = senderOf(options);
      // A person's shell has no name of its own.
      const from = given === 'orchestrator' && options.from === undefined ? 'operator' : given;
      return withMail(
        command,
        (client) => client.call('mail.acknowledge', { messageId, from }),
        async ({ followUp }) => followUp.acknowledge(messageId, from),
        ({ message }, invocation) =>
          succeed(invocation, 'mail ack', { id: messageId, state: message.delivery?.state ?? 'queued' }, [
            message.delivery?.state === 'acknowledged'
              ? `${messageId} is acknowledged`
              : `${messageId} counts as acknowledged when its turn ends well`,
          ]),
      );
    });

  withCommonOptions(mail.command('wake'))
    .description('show or say when mail gives an agent a turn: now, batch, "digest <minutes>", never, or "default"')
    .argument('<agent>')
    .argument('[policy...]')
    .option('--type <type>', 'for mail of this type only')
    .action((agentName: string, words: string[], options: MailOptions, command: Command) => {
      const invocation = invocationOf(command);
      const problem = wrongWords({ type: options.type, priority: undefined });
      if (problem !== null) return failWith(invocation, problem);
      const type = (textOf(options.type) ?? null) as MailType | null;
      const said = words.join(' ').trim();
      const policy = said === 'default' ? null : parseWakePolicy(said);
      if (said !== '' && said !== 'default' && policy === null)
        return failWith(invocation, {
          tag: 'validation',
          field: 'policy',
          message: `"${said}" is no wake policy: use now, batch, never, "digest <minutes>" (1 to 1440), or default`,
        });
      return withMail(
        command,
        (client) =>
          said === ''
            ? client.call('mail.wakeRules', { agentName })
            : client.call('mail.setWake', { agentName, type, policy }),
        async ({ wakes }) => {
          if (said !== '') wakes.say(agentName, type, policy);
          return ok({ rules: [...wakes.rules(agentName)] });
        },
        ({ rules }) => succeed(invocation, 'mail wake', { agentName, rules }, wakeLines(agentName, rules)),
      );
    });

  withCommonOptions(mail.command('delete'))
    .description('delete one mail for good')
    .argument('<id>')
    .action((messageId: string, _options: MailOptions, command: Command) =>
      withMail(
        command,
        (client) => client.call('mail.delete', { messageId }),
        async ({ followUp }) => followUp.remove(messageId),
        (_done, invocation) => succeed(invocation, 'mail delete', { id: messageId }, [`${messageId} is deleted`]),
      ),
    );

  withCommonOptions(mail.command('purge'))
    .description('delete mail for good: all of it, or what is older than some days and from or to an agent')
    .option('--all')
    .option('--days <n>')
    .option('--agent <name>')
    .action((options: MailOptions, command: Command) => {
      const invocation = invocationOf(command);
      const given = textOf(options.days);
      const days = given === undefined ? undefined : integer(given);
      const agent = textOf(options.agent);
      if (days !== undefined && !(days > 0))
        return failWith(invocation, {
          tag: 'validation',
          field: 'days',
          message: `--days is "${given}", but it must be a whole number above 0`,
        });
      const all = options.all === true;
      if (!all && days === undefined && agent === undefined)
        return failWith(invocation, {
          tag: 'validation',
          message: 'say what to purge: --all, --days <n> or --agent <name>',
        });
      return withMail(
        command,
        (client) =>
          client.call('mail.purge', {
            all,
            ...(days === undefined ? {} : { days }),
            ...(agent === undefined ? {} : { agent }),
          }),
        async ({ followUp }) =>
          followUp.purge({
            all,
            ...(days === undefined ? {} : { olderThanMs: days * DAY_MS }),
            ...(agent === undefined ? {} : { agent }),
          }),
        ({ purged }) =>
          succeed(invocation, 'mail purge', { purged }, [
            `Purged ${purged === 1 ? '1 message' : `${purged} messages`}`,
          ]),
      );
    });
}

function trace(
  messageId: string,
  command: Command,
  name: 'mail show' | 'mail trace',
  lines: (found: Parameters<typeof traceLines>[0]) => string[],
): Promise<void> {
  return withMail(
    command,
    (client) => client.call('mail.trace', { messageId }),
    async ({ followUp }) => followUp.trace(messageId),
    (found, invocation) => {
      const { message, steps, waitsFor, related } = found;
      const { delivery, reference } = message;
      const shown = { message: plainMail(message), delivery, reference };
      const more = name === 'mail show' ? {} : { steps, waitsFor, related: related.map(plainMail) };
      succeed(invocation, name, { ...shown, ...more }, lines(found));
    },
  );
}
