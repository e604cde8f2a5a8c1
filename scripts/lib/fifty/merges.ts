import { join } from 'node:path';
import { ok } from '../../../contract/result.ts';
import { openControl } from '../../../main/core/control/controlStore.ts';
import type { NewEvent } from '../../../main/core/events/eventRow.ts';
import type { Git } from '../../../main/core/git/git.ts';
import { type MergeRules, PLAIN_RULES } from '../../../main/core/merge/mergeOptions.ts';
import { openMergeQueue } from '../../../main/core/merge/mergeQueueStore.ts';
import { createMergeService } from '../../../main/core/merge/mergeService.ts';
import type { MergeModel } from '../../../main/core/merge/modelTiers.ts';
import { branchOf, filesOf, MANY_FILES } from './branches.ts';
import type { Hour } from './hour.ts';

/** Merged one after the other, in the order in which they were reported. */
const MERGED = [
  'BS-22',
  'BS-1',
  'BS-42',
  'BS-31',
  'BS-14',
  'BS-2',
  'BS-51',
  'BS-26',
  'BS-43',
  'BS-17',
  'BS-57',
  'BS-34',
  'BS-5',
  'BS-46',
  'BS-25',
  'BS-53',
  'BS-15',
  'BS-47',
  'BS-7',
  'BS-55',
  MANY_FILES,
];
/** Not begun when the pictures are taken. */
const WAITING = ['BS-35', 'BS-37', 'BS-45', 'BS-54', 'BS-33'];
/** No model is asked for these: a person has to decide. */
const FOR_A_PERSON: ReadonlySet<string> = new Set(['BS-47', 'BS-57', MANY_FILES]);
/** The model's answer for this one leaves out what main has added. */
const LOSSY = 'BS-53';
/** The checks of the project fail on the merged files of this one. */
const FAILING = 'BS-55';

const CHECK = 'node --test "test/*.test.ts"';

/** Seconds of the hour: the first merge, and between two. */
const FIRST = 2_050;
const APART = 68;

/** Lets the merge service work through the queue as it would have over the hour, with real branches. Events come back. */
export async function seedMerges(git: Git, project: string, hour: Hour, runId: string): Promise<readonly NewEvent[]> {
  const overstory = join(project, '.overstory');
  const events: NewEvent[] = [];
  const time = { second: FIRST };
  const clock = { now: () => hour.ms(time.second) };
  const queue = openMergeQueue(join(overstory, 'merge-queue.db'), { clock });
  const control = openControl(join(overstory, 'control-room.db'), { clock });
  if (!queue.ok || !control.ok) throw new Error('the merge queue does not open');
  let current = '';
  const rules = (): MergeRules => ({
    ...PLAIN_RULES,
    aiResolve: !FOR_A_PERSON.has(current),
    gates: current === FAILING ? [{ name: 'tests', command: CHECK, description: 'all tests' }] : [],
  });
  const service = createMergeService({
    site: { git, root: project, overstory },
    queue: queue.value,
    outcomes: control.value,
    clock,
    canonicalBranch: () => 'main',
    onChange: () => {},
    runOf: () => runId,
    rules,
    model: () => async (prompt, signal) => answerOf(current === LOSSY)(prompt, signal),
    record: (event) =>
      events.push({
        agentName: event.agentName,
        runId,
        eventType: 'custom',
        level: event.level,
        createdAt: event.at,
        data: JSON.stringify({ type: 'merge', ...event }),
      }),
  });
  const memberOf = (id: string) => hour.members.find(({ task }) => task?.id === id);
  for (const id of MERGED) {
    const member = memberOf(id);
    if (member === undefined) throw new Error(`nobody works on ${id}`);
    current = id;
    time.second += APART;
    const answer = await service.run({ branch: branchOf(member), all: false });
    if (!answer.ok) throw new Error(answer.error.message);
  }
  for (const id of WAITING) {
    const member = memberOf(id);
    if (member?.task == null) throw new Error(`nobody works on ${id}`);
    time.second = Math.min(3_590, time.second + 9);
    queue.value.enqueue({
      branchName: branchOf(member),
      taskId: id,
      agentName: member.name,
      filesModified: [...filesOf(member.task), `test/${id}.test.ts`],
    });
  }
  queue.value.close();
  control.value.close();
  return events;
}

const REGION = /## Region (\d+)\n\n<<<<<<<[^\n]*\n([\s\S]*?)=======\n([\s\S]*?)>>>>>>>/g;

/** A model that keeps the lines of both sides, or forgets those of main. */
function answerOf(lossy: boolean): MergeModel {
  return async (prompt) => {
    const parts = [...prompt.matchAll(REGION)].map(
      ([, number, ours = '', theirs = '']) => `<<<region ${number}>>>\n${lossy ? '' : ours}${theirs}<<<end>>>`,
    );
    return ok({ text: parts.join('\n'), model: 'claude-opus-4-5' });
  };
}
