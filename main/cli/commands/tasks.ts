import type { Command } from 'commander';
import { fail, ok } from '../../../contract/result.ts';
import {
  type CreateTaskInput,
  readyTasks,
  TASK_COLUMNS,
  type TaskView,
  type UpdateTaskInput,
} from '../../../contract/tasks.ts';
import { integer, list, type Options, text, withCommonOptions, withEngine } from '../command.ts';
import { succeed, table } from '../output.ts';

/** `ov spec write`, `ov task create|list|ready|show|update|claim|close|delete`. */
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
    .action((_options: Options, command: Command) => listTasks(command, 'task list', (tasks) => tasks));
  withCommonOptions(task.command('ready'))
    .description('what somebody could begin now, most urgent first')
    .action((_options: Options, command: Command) =>
      listTasks(command, 'task ready', (tasks) =>
        [...readyTasks(tasks)].sort((one, other) => one.priority - other.priority || one.order - other.order),
      ),
    );
  withCommonOptions(task.command('show'))
    .description('one task, with its spec')
    .argument('<id>')
    .action((id: string, _options: Options, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const tasks = await client.snapshot('tasks');
          if (!tasks.ok) return tasks;
          const found = tasks.value.byId[id];
          if (found === undefined) return fail('notFound', `There is no task ${id} on the board: see "ov task list"`);
          const spec = await client.call('tasks.readSpec', { id });
          if (!spec.ok) return spec;
          const facts = [
            `${found.id}  ${found.title}`,
            `${found.column}, priority ${found.priority}${found.agent === null ? '' : `, ${found.agent}`}`,
            ...(found.blockedBy.length === 0 ? [] : [`waits for ${found.blockedBy.join(', ')}`]),
            ...(found.description === '' ? [] : ['', ...found.description.split('\n')]),
            ...(spec.value.body === '' ? [] : ['', `spec ${spec.value.path ?? ''}`, ...spec.value.body.split('\n')]),
          ];
          succeed(invocation, 'task show', { task: found, spec: spec.value.body }, facts);
          return ok(null);
        },
        'repeatable',
      ),
    );
  withCommonOptions(task.command('update'))
    .description('change a task')
    .argument('<id>')
    .option('--title <text>')
    .option('--description <text>')
    .option('--priority <n>', '0 is most urgent')
    .option('--files <a,b>')
    .option('--blocked-by <a,b>', 'tasks it waits for, all of them; empty for none')
    .option('--column <name>', `one of ${TASK_COLUMNS.join(', ')}`)
    .action((id: string, options: Options, command: Command) =>
      changeTask(command, 'task update', {
        id,
        ...given('title', text(options.title)),
        ...given('description', text(options.description)),
        ...given('priority', options.priority === undefined ? undefined : integer(text(options.priority) ?? '')),
        ...given('files', options.files === undefined ? undefined : list(text(options.files) ?? '')),
        ...given('blockedBy', options.blockedBy === undefined ? undefined : list(text(options.blockedBy) ?? '')),
        ...given('column', text(options.column) as UpdateTaskInput['column']),
      }),
    );
  withCommonOptions(task.command('claim'))
    .description('say that you work on it yourself')
    .argument('<id>')
    .action((id: string, _options: Options, command: Command) =>
      changeTask(command, 'task claim', { id, column: 'in_progress' }),
    );
  withCommonOptions(task.command('close'))
    .description('it is done; what waited for it is ready')
    .argument('<id>')
    .action((id: string, _options: Options, command: Command) =>
      changeTask(command, 'task close', { id, column: 'done' }),
    );
  withCommonOptions(task.command('delete'))
    .description('take it off the board; its spec stays')
    .argument('<id>')
    .action((id: string, _options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const deleted = await client.call('tasks.delete', { id });
        if (deleted.ok) succeed(invocation, 'task delete', { id }, [`${id} deleted`]);
        return deleted;
      }),
    );
}

function listTasks(
  command: Command,
  name: string,
  choose: (tasks: readonly TaskView[]) => readonly TaskView[],
): Promise<void> {
  return withEngine(
    command,
    async (client, invocation) => {
      const tasks = await client.snapshot('tasks');
      if (!tasks.ok) return tasks;
      const rows = choose(Object.values(tasks.value.byId));
      const lines = table(rows.map((row) => [row.id, row.column, row.agent ?? '-', row.title]));
      succeed(invocation, name, { tasks: rows }, rows.length === 0 ? ['No tasks.'] : lines);
      return ok(null);
    },
    'repeatable',
  );
}

function changeTask(command: Command, name: string, change: UpdateTaskInput): Promise<void> {
  return withEngine(command, async (client, invocation) => {
    const updated = await client.call('tasks.update', change);
    if (updated.ok)
      succeed(invocation, name, { task: updated.value }, [
        `${updated.value.id}  ${updated.value.column}  ${updated.value.title}`,
      ]);
    return updated;
  });
}

/** A field only when it was given. */
function given<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value });
}

/** Standard input when it is piped; empty for a terminal (spec 02 §3.14). */
async function readStandardInput(): Promise<string> {
  if (process.stdin.isTTY) return '';
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
