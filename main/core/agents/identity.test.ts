import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AgentIdentity,
  applyUpdate,
  ensureIdentity,
  formatIdentity,
  parseIdentity,
  readIdentity,
  updateIdentity,
} from './identity.ts';

const NOW = Date.parse('2026-03-05T14:00:00.000Z');
const empty: AgentIdentity = {
  name: 'a',
  capability: 'builder',
  created: '2026-03-05T14:00:00.000Z',
  sessionsCompleted: 0,
  expertiseDomains: [],
  recentTasks: [],
};

describe('format', () => {
  it('is tab-indented with empty lists as []', () => {
    expect(formatIdentity(empty)).toContain('expertiseDomains: []\n');
    const text = formatIdentity({ ...empty, recentTasks: [{ taskId: 't', summary: 's', completedAt: 'now' }] });
    expect(text).toContain('recentTasks:\n\t- taskId: t\n\t\tsummary: s\n');
  });

  it('SP60: round-trips every text, line breaks included', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('true', '~', '12', 'a: b', '# x', ' x ', '"q"', "'", '\\', 'two\nlines', '\t', '- x', '{{a}}'),
    );
    const identity = fc.record({
      name: fc.constant('a'),
      capability: fc.constant('builder'),
      created: fc.constant('x'),
      sessionsCompleted: fc.nat(),
      expertiseDomains: fc.array(text),
      recentTasks: fc.array(fc.record({ taskId: text, summary: text, completedAt: text })),
    });
    fc.assert(
      fc.property(identity, (value) => {
        expect(parseIdentity(formatIdentity(value), 'f')).toEqual({ ok: true, value });
      }),
    );
  });

  it('tolerates comments and an unterminated quote, and refuses nonsense', () => {
    const parsed = parseIdentity('# made by hand\nname: "test-agent\ncapability: scout # role\nrecentTasks: []\n', 'f');
    expect(parsed.ok && parsed.value).toMatchObject({ name: '"test-agent', capability: 'scout' });
    expect(parseIdentity('- 1\n', 'f').ok).toBe(false);
  });
});

describe('applyUpdate', () => {
  it('SP61: adds sessions, joins domains and drops the 21st task', () => {
    let identity: AgentIdentity = { ...empty, expertiseDomains: ['cli'] };
    for (let number = 1; number <= 21; number += 1) {
      identity = applyUpdate(
        identity,
        {
          sessionsCompleted: 1,
          expertiseDomains: ['cli', 'agents'],
          finishedTask: { taskId: `t${number}`, summary: '' },
        },
        NOW,
      );
    }
    expect(identity.sessionsCompleted).toBe(21);
    expect(identity.expertiseDomains).toEqual(['cli', 'agents']);
    expect(identity.recentTasks.map((task) => task.taskId)).toEqual(
      Array.from({ length: 20 }, (_, index) => `t${index + 2}`),
    );
  });
});

describe('files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'identity-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('creates once, adds up under concurrent updates and never resets', async () => {
    expect(await readIdentity(folder, 'a')).toEqual({ ok: true, value: null });
    await ensureIdentity(folder, 'a', 'builder', NOW);
    await Promise.all(Array.from({ length: 5 }, () => updateIdentity(folder, 'a', { sessionsCompleted: 1 }, NOW)));
    const again = await ensureIdentity(folder, 'a', 'scout', NOW + 1);
    expect(again.ok && again.value).toMatchObject({ capability: 'builder', sessionsCompleted: 5 });
  });

  it('SP62: reports a missing and a damaged identity without touching it', async () => {
    const missing = await updateIdentity(folder, 'a', {}, NOW);
    expect(missing.ok ? '' : missing.error.message).toContain('not found');
    await mkdir(join(folder, 'a'));
    await writeFile(join(folder, 'a/identity.yaml'), 'name: [');
    expect((await ensureIdentity(folder, 'a', 'builder', NOW)).ok).toBe(false);
    expect(await readFile(join(folder, 'a/identity.yaml'), 'utf8')).toBe('name: [');
  });
});
