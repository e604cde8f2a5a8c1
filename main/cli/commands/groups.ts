import type { Command } from 'commander';
import type { GroupProgress, GroupView } from '../../../contract/groups.ts';
import { type Options, withCommonOptions, withEngine } from '../command.ts';
import { succeed, table } from '../output.ts';

/** `ov group create|status|add|remove|list` (spec 02 §4.4). */
export function registerGroups(program: Command): void {
  const group = withCommonOptions(program.command('group')).description('groups of tasks');

  withCommonOptions(group.command('create'))
    .description('gather tasks; the group closes by itself when its last task is done')
    .argument('<name>')
    .argument('<ids...>')
    .option('--skip-validation', 'take ids nobody has a card for')
    .action((name: string, issueIds: string[], options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const request = { name, issueIds, skipValidation: options.skipValidation === true };
        const made = await client.call('groups.create', request);
        if (made.ok) succeed(invocation, 'group create', made.value, [`${made.value.id}  ${made.value.name}`]);
        return made;
      }),
    );

  withCommonOptions(group.command('add'))
    .description('add tasks; a completed group goes on')
    .argument('<group>', 'id or name')
    .argument('<ids...>')
    .option('--skip-validation', 'take ids nobody has a card for')
    .action((name: string, issueIds: string[], options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const request = { group: name, issueIds, skipValidation: options.skipValidation === true };
        const changed = await client.call('groups.add', request);
        if (changed.ok) succeed(invocation, 'group add', changed.value, [line(changed.value)]);
        return changed;
      }),
    );

  withCommonOptions(group.command('remove'))
    .description('take tasks out')
    .argument('<group>', 'id or name')
    .argument('<ids...>')
    .action((name: string, issueIds: string[], _options: Options, command: Command) =>
      withEngine(command, async (client, invocation) => {
        const changed = await client.call('groups.remove', { group: name, issueIds });
        if (changed.ok) succeed(invocation, 'group remove', changed.value, [line(changed.value)]);
        return changed;
      }),
    );

  withCommonOptions(group.command('list')).action((_options: Options, command: Command) =>
    withEngine(
      command,
      async (client, invocation) => {
        const listed = await client.call('groups.list', {});
        if (!listed.ok) return listed;
        const { groups } = listed.value;
        succeed(invocation, 'group list', { groups }, groups.length === 0 ? ['No groups.'] : groups.map(line));
        return listed;
      },
      'repeatable',
    ),
  );

  withCommonOptions(group.command('status'))
    .description('how far a group is, or all active ones')
    .argument('[group]', 'id or name')
    .action((name: string | undefined, _options: Options, command: Command) =>
      withEngine(
        command,
        async (client, invocation) => {
          const asked = await client.call('groups.progress', name === undefined ? {} : { group: name });
          if (!asked.ok) return asked;
          const { groups } = asked.value;
          const [only] = groups;
          const reply = name !== undefined && only !== undefined ? only : { groups };
          succeed(
            invocation,
            'group status',
            reply,
            groups.length === 0 ? ['No active groups.'] : progressTable(groups),
          );
          return asked;
        },
        'repeatable',
      ),
    );
}

function line(group: GroupView): string {
  return `${group.id}  ${group.name}  ${group.status}  ${group.memberIssueIds.join(', ')}`;
}

function progressTable(groups: readonly GroupProgress[]): string[] {
  return table([
    ['group', 'status', 'done', 'in progress', 'blocked', 'open'],
    ...groups.map(({ group, total, completed, inProgress, blocked, open }) => [
      group.name,
      group.status,
      `${completed}/${total}`,
      String(inProgress),
      String(blocked),
      String(open),
    ]),
  ]);
}
