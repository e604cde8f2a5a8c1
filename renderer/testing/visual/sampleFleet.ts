import type { AgentView } from '../../../contract/agents.ts';
import { agentView, ago } from '../fixtures.ts';

/** The fleet of the pictures: every state, three levels, names short and long. */
export function sampleFleet(): readonly AgentView[] {
  const agent = (name: string, more: Partial<AgentView>) =>
    agentView(name, { model: 'sonnet', runId: 'run-1', ...more });
  const lead = (name: string, more: Partial<AgentView>) =>
    agent(name, { capability: 'lead', parent: 'coordinator', depth: 1, costUsd: 0.3, ...more });
  const worker = (name: string, parent: string, more: Partial<AgentView>) => agent(name, { parent, depth: 2, ...more });
  return [
    agent('coordinator', {
      capability: 'coordinator',
      taskId: '',
      taskTitle: null,
      status: 'working',
      activity: 'splitting "invoice export" into 6 tasks',
      model: 'opus',
      costUsd: 1.08,
    }),
    lead('lead-export', {
      status: 'resting',
      taskId: 'OV-20',
      activity: 'resting, waits for 3 builders',
      lastEvidenceAt: ago(130),
    }),
    worker('csv-writer', 'lead-export', {
      taskId: 'OV-28',
      taskTitle: 'CSV writer',
      activity: 'Edit src/export/csv.ts',
      lastEvidenceAt: ago(1),
    }),
    worker('pdf-writer', 'lead-export', {
      taskId: 'OV-29',
      taskTitle: 'PDF writer',
      activity: 'Bash npm test -- pdf',
      lastEvidenceAt: ago(6),
      costUsd: 0.55,
      unreadMail: 1,
    }),
    worker('tax-rounding', 'lead-export', {
      taskId: 'OV-27',
      taskTitle: 'Tax rounding',
      status: 'needsYou',
      turn: null,
      activity: 'asks: round half even or half up?',
      lastEvidenceAt: ago(48),
    }),
    worker('mailer', 'lead-export', {
      taskId: 'OV-31',
      taskTitle: 'Mail the exports',
      status: 'stalled',
      activity: 'same 3 calls x7, no new files',
      lastEvidenceAt: ago(372),
      reason: 'Read, Bash, Read x7 with identical input',
      costUsd: 0.41,
    }),
    lead('lead-import', { taskId: 'OV-21', activity: 'reading merge_ready from parser', lastEvidenceAt: ago(3) }),
    worker('parser', 'lead-import', {
      taskId: 'OV-26',
      taskTitle: 'Import parser',
      status: 'done',
      activity: 'merged clean in 2.1 s',
      lastEvidenceAt: ago(300),
      costUsd: 0.22,
    }),
    worker('dedupe', 'lead-import', {
      taskId: 'OV-33',
      taskTitle: 'Deduplicate rows',
      activity: 'Write test/dedupe.test.ts',
      lastEvidenceAt: ago(2),
      costUsd: 0.37,
    }),
    worker('review-of-the-parser-of-very-long-bank-statements', 'lead-import', {
      capability: 'reviewer',
      taskId: 'OV-34-with-a-long-suffix-from-another-tracker',
      taskTitle: 'Review',
      activity: 'Read src/import/statements/with/a/path/that/does/not/fit/anywhere/parser.ts',
      lastEvidenceAt: ago(9),
      model: 'haiku',
      costUsd: 0.04,
    }),
    agent('fixtures', {
      capability: 'scout',
      taskId: 'OV-23',
      taskTitle: 'Fixture set',
      status: 'dead',
      activity: 'process gone, work kept in vault',
      lastEvidenceAt: ago(660),
      costUsd: 0.09,
    }),
    agent('schema-check', {
      capability: 'builder',
      taskId: 'OV-24',
      taskTitle: 'Schema check',
      status: 'starting',
      activity: 'first turn starts',
      lastEvidenceAt: ago(1),
      costUsd: 0,
    }),
  ];
}
