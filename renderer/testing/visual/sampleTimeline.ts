import type { TimelineItem } from '../../../contract/timeline.ts';
import { ago } from '../fixtures.ts';

const AGENTS = ['coordinator', 'lead-export', 'csv-writer', 'pdf-writer', 'tax-rounding', 'mailer', 'parser'];
const TOOLS = ['Read', 'Edit', 'Bash', 'Write', 'Grep'];

/** Half an hour of seven agents: turns with tool calls, mail between lanes, a merge, a failure. */
export function sampleTimeline(): readonly TimelineItem[] {
  const items: TimelineItem[] = [];
  const add = (agent: string, secondsAgo: number, more: Partial<TimelineItem>) =>
    void items.push({
      id: 0,
      at: ago(secondsAgo),
      runId: 'run-1',
      agent,
      kind: 'note',
      summary: '',
      to: null,
      toolName: null,
      level: 'info',
      durationMs: null,
      state: null,
      ...more,
    });
  for (const [lane, agent] of AGENTS.entries()) {
    for (let turn = 0; turn < 5; turn += 1) {
      const start = 1_750 - turn * 340 - lane * 37;
      if (start < 60) continue;
      const length = 90 + ((lane * 53 + turn * 31) % 120);
      add(agent, start, { kind: 'turnStart', summary: `turn ${turn + 1} started` });
      for (let call = 0; call < 4 + ((lane + turn) % 3); call += 1) {
        const toolName = TOOLS[(lane + turn + call) % TOOLS.length] ?? 'Read';
        const seconds = start - 8 - call * 14;
        if (seconds < start - length) continue;
        add(agent, seconds, { kind: 'tool', toolName, summary: `${toolName} src/export/part${call}.ts` });
      }
      add(agent, start - length, { kind: 'turnEnd', summary: `turn ${turn + 1} ended`, durationMs: length * 1_000 });
    }
  }
  add('coordinator', 1_700, { kind: 'mail', to: 'lead-export', summary: 'dispatch OV-20' });
  add('lead-export', 1_500, { kind: 'mail', to: 'csv-writer', summary: 'dispatch OV-28' });
  add('lead-export', 1_480, { kind: 'mail', to: 'pdf-writer', summary: 'dispatch OV-29' });
  add('parser', 620, { kind: 'mail', to: 'coordinator', summary: 'merge_ready OV-26' });
  add('parser', 560, { kind: 'merge', summary: 'merged clean into main' });
  add('mailer', 372, { kind: 'state', state: 'stalled', summary: 'stalled: same 3 calls x7' });
  add('pdf-writer', 240, { kind: 'error', level: 'error', summary: 'npm test -- pdf failed with code 1' });
  return items
    .sort((left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : 0))
    .map((item, index) => ({ ...item, id: index + 1 }));
}
