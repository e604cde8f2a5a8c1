import { join } from 'node:path';
import type { RoomClient } from '../../contract/room.ts';
import { TASK_COLUMNS } from '../../contract/tasks.ts';
import { openStores } from '../../main/core/stores.ts';
import { timestamp } from '../../main/platform/clock.ts';

const AGENTS = 50;
const MAILS = 120;
const TASKS = 40;

/** Words that stand for an ordinary project, a talkative one, and one that is written from right to left. */
const SUBJECTS = [
  'CSV export is ready for review',
  'The exporter of quarterly statements for customers with more than one billing address does not round as the specification says it should, in one case of eleven thousand',
  'التقرير الفصلي جاهز للمراجعة: القسم 4 (draft.csv) يحتاج إلى قرار',
  'הבדיקות עברו, אבל הקובץ src/invoice.ts עדיין ארוך מדי',
];
const TITLES = [
  'Round tax on single lines',
  'Accept invoices whose supplier sends amounts with a comma, a point, both or neither, and say which line was meant',
  'استيراد الفواتير من ملفات CSV',
];

function agentName(index: number): string {
  const number = String(index + 1).padStart(2, '0');
  return index % 7 === 3 ? `import-of-quarterly-statements-with-attachments-${number}` : `agent-${number}`;
}

/** Writes what an hour of fifty agents leaves behind, with long names and text from right to left. No engine may run. */
export async function seedFifty(project: string): Promise<void> {
  const opened = await openStores(join(project, '.overstory'));
  if (!opened.ok) throw new Error(opened.error.message);
  const { sessions, runs, mail, events } = opened.value;
  const start = Date.now() - 3_600_000;
  const at = (second: number): string => timestamp(start + second * 1_000);
  runs.createRun({ id: 'run-large', startedAt: at(0), coordinatorSessionId: null, status: 'active' });
  for (let index = 0; index < AGENTS; index += 1) {
    const name = agentName(index);
    const lead = index % 10 === 0;
    sessions.upsert({
      id: `session-${index}`,
      agentName: name,
      capability: lead ? 'lead' : index % 5 === 4 ? 'reviewer' : 'builder',
      worktreePath: join(project, '.overstory', 'worktrees', name),
      branchName: `overstory/${name}/task-${index}`,
      taskId: `task-${index}`,
      tmuxSession: '',
      state: index % 3 === 0 ? 'completed' : index % 11 === 5 ? 'zombie' : 'between_turns',
      pid: null,
      parentAgent: lead ? null : agentName(index - (index % 10)),
      depth: lead ? 0 : 1,
      runId: 'run-large',
      startedAt: at(index),
      lastActivity: at(3_000 + index * 10),
      escalationLevel: 0,
      stalledSince: null,
      transcriptPath: null,
    });
  }
  const sent = mail.insertMany(
    Array.from({ length: MAILS }, (_none, index) => {
      const gate = index % 15 === 2;
      const subject = SUBJECTS[index % SUBJECTS.length] ?? '';
      return {
        from: agentName(index % AGENTS),
        to: index % 4 === 0 || gate ? 'operator' : agentName((index * 7) % AGENTS),
        subject,
        body: `${subject}.\n\n${'All tests pass; the branch is ready to be looked at. '.repeat(1 + (index % 4))}`,
        createdAt: at(index * 29),
        ...(gate
          ? {
              type: 'decision_gate' as const,
              payload: JSON.stringify({ options: ['half up', 'half even', 'as before'] }),
            }
          : {}),
      };
    }),
  );
  if (!sent.ok) throw new Error(sent.error.message);
  // What agents got is read: nobody is to be woken for a picture.
  for (const { id, to } of sent.value) if (to !== 'operator') mail.markRead(id);
  events.insertMany(
    Array.from({ length: 1_500 }, (_none, index) => ({
      agentName: agentName((index * 13) % AGENTS),
      eventType: 'tool_start' as const,
      toolName: ['Edit', 'Bash', 'Read'][index % 3] ?? 'Edit',
      toolArgs: '{"file_path":"src/import/statements/quarterly/attachments.ts"}',
      toolDurationMs: 40 + (index % 900),
      createdAt: at(index * 2.3),
    })),
  );
  opened.value.close();
}

/** The board of such a room. */
export async function seedBoard(client: Pick<RoomClient, 'call'>): Promise<void> {
  for (let index = 0; index < TASKS; index += 1) {
    const created = await client.call('tasks.create', {
      id: `BS-${index + 1}`,
      title: TITLES[index % TITLES.length] ?? '',
      files: ['src/import/parse.ts'],
      priority: index % 5,
      column: TASK_COLUMNS[(index * 5) % TASK_COLUMNS.length] ?? 'ready',
    });
    if (!created.ok) throw new Error(created.error.message);
  }
}
