import { describe, expect, it } from 'vitest';
import type { AgentEvidence } from '../../../contract/evidence.ts';
import { describeEvidence, healthLine } from './watchdog.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const ago = (seconds: number): string => new Date(NOW - seconds * 1_000).toISOString();
const evidence: AgentEvidence = {
  agentName: 'csv-writer',
  verdict: 'stalled',
  reason: 'no sign of life for 6 min',
  since: ago(60),
  signals: {
    process: { state: 'quiet', at: ago(400), detail: 'pid 12' },
    terminal: { state: 'quiet', at: ago(380), detail: 'last output' },
    events: { state: 'quiet', at: ago(360), detail: 'Bash npm test' },
    mail: { state: 'absent', at: null, detail: 'has sent none' },
    git: { state: 'unknown', at: null, detail: 'its worktree \u001b[31mcannot be read' },
  },
  level: 1,
  next: { rule: 'endTurn', mode: 'shadow', action: 'its turn is ended', at: ago(-90) },
};

describe('ov why', () => {
  it('shows five signals with ages, the verdict, what comes next and when', () => {
    const lines = describeEvidence(evidence, [], NOW);
    expect(lines[0]).toBe('◐ csv-writer is stalled since 60 s: no sign of life for 6 min');
    expect(lines.filter((line) => /^(process|terminal|events|mail|git) /.test(line))).toHaveLength(5);
    expect(lines.join('\n')).toContain('events    quiet    6 min ago  Bash npm test');
    expect(lines.at(-2)).toBe('next: its turn is ended in 90 s (rule endTurn is in shadow: only recorded)');
    expect(lines.at(-1)).toBe('escalation level 1 of 3');
  });
  it('lets no agent’s text steer the terminal', () => {
    expect(describeEvidence(evidence, [], NOW).join('')).not.toContain('\u001b');
  });
  it('V5: a health check is one line', () => {
    expect(healthLine(evidence, new Date(2026, 10, 23, 9, 8, 7))).toBe(
      '[09:08:07] ! csv-writer: stalled (process=quiet, terminal=quiet) [no sign of life for 6 min]',
    );
    expect(healthLine({ ...evidence, verdict: 'dead' }, new Date(2026, 10, 23))).toContain('✕ csv-writer: dead');
  });
});
