import type { Command } from 'commander';
import { fail, ok } from '../../../contract/result.ts';
import type { CreateTaskInput } from '../../../contract/tasks.ts';
import { integer, list, withCommonOptions, withEngine } from '../command.ts';
import { succeed, table } from '../output.ts';

type Options = Readonly<Record<string, string | boolean | undefined>>;

const text = (value: string | boolean | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** `ov spec write`, `ov task create|list`. */
export function registerTasks(program: Command): void {
  const spec = withCommonOptions(program.command('spec')).description('task specs');
  withCommonOptions(spec.command('write'))
    .description('write .overstory/specs/<task-id>.md; the body comes from --body or standard input')
    .argument('<task-id>')
    .option('--body <text>')
    .option('--agent <name>', 'who wrote it')
    .action(async (taskId: string, options: Options, command: Command) => {
      const body = text(options.body) ?? (await readStandardInput());
      return withEngine(
        command,
        async (client, invocation) => {
          if (body.trim() === '')
            return fail('validation', 'Spec body is required: pass --body or pipe the text in', { field: 'body' });
          const agent = text(options.agent) ?? process.env.OVERSTORY_AGENT_NAME;
          const written = await client.call('tasks.writeSpec', {
            id: taskId,
            body,
            ...(agent === undefined || agent === '' ? {} : { agent }),
          });
          if (written.ok)
            succeed(invocation, 'spec-write', { taskId, path: written.value.path }, [`Wrote ${written.value.path}`]);
          return written;
        },
        'repeatable',
      );
    });

  const task = withCommonOptions(program.command('task')).description("the board's tasks");
  withCommonOptions(task.command('create'))
    .description('put a card on the board')
    .argument('<title>')
    .option('--id <id>', 'id of the task (default: the next number)')
    .option('--description <text>', '', '')
    .option('--priority <n>', '0 is most urgent', '2')
    .option('--files <a,b>')
    .option('--blocked-by <a,b>')
    .option('--backlog', 'into Backlog instead of Ready')
    .action((title: string, options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const created = await client.call('tasks.create', {
          title,
          ...(options.id === undefined ? {} : { id: text(options.id) ?? '' }),
          description: text(options.description) ?? '',
          priority: integer(text(options.priority) ?? '2') as CreateTaskInput['priority'],
          files: list(text(options.files) ?? ''),
          blockedBy: list(text(options.blockedBy) ?? ''),
          column: options.backlog === true ? 'backlog' : 'ready',
        });
        if (created.ok)
          succeed(invocation, 'task create', { task: created.value }, [`${created.value.id}  ${created.value.title}`]);
        return created;
      }),
    );
  withCommonOptions(task.command('list'))
    .description('the board as text')
    .action((_options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const tasks = await client.snapshot('tasks');
        if (!tasks.ok) return tasks;
        const rows = Object.values(tasks.value.byId);
        succeed(
          invocation,
          'task list',
          { tasks: rows },
          rows.length === 0
            ? ['No tasks.']
            : table(rows.map((row) => [row.id, row.column, row.agent ?? '-', row.title])),
        );
        return ok(null);
      }),
    );
}

/** Standard input when it is piped; empty for a terminal (spec 02 §3.14). */
async function readStandardInput(): Promise<string> {
  if (process.stdin.isTTY) return '';
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
