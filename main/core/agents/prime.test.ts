import { describe, expect, it } from 'vitest';
import type { Checkpoint } from './checkpoint.ts';
import { type AgentPrime, type ProjectPrime, primeContext } from './prime.ts';

const project: ProjectPrime = {
  kind: 'project',
  name: 'shop',
  canonicalBranch: 'main',
  sessionBranch: null,
  maxConcurrent: 25,
  maxDepth: 2,
  roles: [{ name: 'builder', model: 'sonnet', capabilities: ['implement', 'fix'] }],
  recent: Array.from({ length: 7 }, (_, index) => ({
    agentName: `ann-${index}`,
    capability: 'builder',
    taskId: `T-${index}`,
    state: 'completed',
  })),
};

const checkpoint: Checkpoint = {
  agentName: 'ann',
  taskId: 'T-1',
  sessionId: 's',
  timestamp: '2026-03-05T13:00:00.000Z',
  progressSummary: 'half\n## Fake heading',
  filesModified: ['a.ts', 'b.ts'],
  currentBranch: 'overstory/ann/T-1',
  pendingWork: 'the rest',
  mulchDomains: [],
};

const agent: AgentPrime = {
  kind: 'agent',
  agentName: 'ann',
  identity: {
    name: 'ann',
    capability: 'builder',
    created: '2026-03-01T00:00:00.000Z',
    sessionsCompleted: 2,
    expertiseDomains: ['cli'],
    recentTasks: [{ taskId: 'T-0', summary: 'Completed task T-0', completedAt: '2026-03-02T00:00:00.000Z' }],
  },
  live: { taskId: 'T-1', worktree: '/w', branch: 'overstory/ann/T-1', parent: 'lead-1' },
  known: true,
  checkpoint,
};

const headings = (text: string): readonly string[] => text.split('\n').filter((line) => line.startsWith('## '));

describe('prime of a project (spec 03 §4.5)', () => {
  it('tells project, roles and the five newest sessions', () => {
    const text = primeContext(project, false);
    expect(headings(text)).toEqual(['## Project: shop', '## Agent Manifest', '## Recent Activity']);
    expect(text).toContain('- Canonical branch: main');
    expect(text).toContain('- builder (sonnet): implement, fix');
    expect(text).not.toContain('Session branch');
    expect(text.match(/^- ann-/gm)).toHaveLength(5);
  });

  it('names the session’s branch when it is another one', () => {
    expect(primeContext({ ...project, sessionBranch: 'feature' }, false)).toContain('- Session branch: feature');
  });

  it('says what is empty, and leaves the past out when it is to be compact', () => {
    const empty = { ...project, roles: [], recent: [] };
    expect(primeContext(empty, false)).toContain('No agents registered.');
    expect(primeContext(empty, false)).toContain('No recent sessions.');
    expect(headings(primeContext(project, true))).toEqual(['## Project: shop', '## Agent Manifest']);
  });
});

describe('prime of an agent (spec 03 §4.5)', () => {
  it('tells what it is and what it is on', () => {
    const text = primeContext(agent, false);
    expect(headings(text)).toEqual(['## Agent: ann', '## Activation']);
    expect(text).toContain('builder, 2 sessions completed');
    expect(text).toContain('- T-0: Completed task T-0');
    expect(text).toContain('- Task: T-1, on branch overstory/ann/T-1');
  });

  it('adds where it stood when its conversation was compacted; nothing of that becomes a heading', () => {
    const text = primeContext(agent, true);
    expect(headings(text)).toEqual(['## Agent: ann', '## Activation', '## Session Recovery']);
    expect(text).toContain('- Progress: half ## Fake heading');
    expect(text).toContain('- Files: a.ts, b.ts');
    expect(headings(primeContext({ ...agent, checkpoint: null }, true))).not.toContain('## Session Recovery');
  });

  it.each([
    ['one without a finished session', { identity: null, live: null }, false],
    ['one nobody knows', { identity: null, live: null, known: false }, true],
  ] as const)('says that it is new: %s', (_, change, warned) => {
    const text = primeContext({ ...agent, ...change }, false);
    expect(text).toContain('New agent - no prior sessions.');
    expect(text.includes('check the name')).toBe(warned);
    expect(text).not.toContain('Activation');
  });

  it('has no activation without a task', () => {
    const live = { taskId: '', worktree: '/p', branch: 'main', parent: null };
    expect(primeContext({ ...agent, live }, false)).not.toContain('Activation');
  });
});
