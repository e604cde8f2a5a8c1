import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MergeView } from '../../../contract/merges.ts';
import { testSession } from '../sessions/testSession.ts';
import { mergeMessage } from './commitMessage.ts';
import { mergeMails } from './mergeMail.ts';
import { type SampleRepository, sampleRepository } from './sampleRepository.ts';

const message = (provenance: Partial<Parameters<typeof mergeMessage>[0]['provenance']>) =>
  mergeMessage({
    branch: 'overstory/a/t',
    target: 'main',
    tier: 'clean-merge',
    provenance: { agentName: null, taskId: null, runId: null, ...provenance },
  });

describe('the message of a merge commit', () => {
  let repo: SampleRepository;
  beforeAll(async () => {
    repo = await sampleRepository();
  });
  afterAll(() => repo.remove());

  /** Trailers as git itself reads them. */
  async function trailers(text: string): Promise<string> {
    const output = await repo.git(['interpret-trailers', '--parse'], { input: text });
    return output.stdout;
  }

  it('names agent, task and run in trailers that git reads', async () => {
    const text = message({ agentName: 'builder-1', taskId: 'T-7', runId: 'run-3' });
    expect(text.split('\n')[0]).toBe("Merge branch 'overstory/a/t' into main");
    expect(await trailers(text)).toBe('Overstory-Agent: builder-1\nOverstory-Task: T-7\nOverstory-Run: run-3\n');
  });

  it('leaves out what nobody knows', async () => {
    expect(await trailers(message({ agentName: 'unknown', taskId: 'unknown' }))).toBe('');
    expect(message({})).toBe("Merge branch 'overstory/a/t' into main\n");
  });

  it('a hostile value cannot become a line, another trailer or a comment', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.constantFrom(
            'x\nOverstory-Agent: root',
            'x\r\nSigned-off-by: me',
            '\u2028Overstory-Task: T',
            '\u0000\u001b[31m',
            '--- \n+++',
          ),
          fc.string({ unit: 'binary', maxLength: 300 }),
        ),
        async (value) => {
          const text = message({ agentName: 'builder', taskId: value });
          const found = (await trailers(text)).trimEnd().split('\n');
          expect(found.filter((line) => line.startsWith('Overstory-Agent:'))).toEqual(['Overstory-Agent: builder']);
          expect(found.length).toBeLessThanOrEqual(2);
          expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('mail about a merge', () => {
  const view: MergeView = {
    id: 1,
    branchName: 'overstory/builder/t',
    taskId: 't',
    agentName: 'builder',
    filesModified: [],
    enqueuedAt: '2026-01-01T00:00:00.000Z',
    status: 'conflict',
    resolvedTier: 'auto-resolve',
    target: 'main',
    conflictFiles: ['a.ts'],
    errorMessage: 'it conflicts',
    warnings: [],
    finishedAt: null,
  };
  const fleet = new Map([
    ['builder', testSession('builder', { parentAgent: 'lead', state: 'between_turns' })],
    ['lead', testSession('lead', { state: 'between_turns' })],
    ['gone', testSession('gone', { parentAgent: 'lead', state: 'completed' })],
  ]);
  const session = (name: string) => fleet.get(name) ?? null;

  it('a failure goes to parent and owner, with the payload of its type', () => {
    const mails = mergeMails({ view, merged: false, requestedBy: null }, session);
    expect(mails.map(({ to, type }) => [to, type])).toEqual([
      ['lead', 'merge_failed'],
      ['builder', 'merge_failed'],
    ]);
    expect(JSON.parse(mails[0]?.payload ?? '')).toEqual({
      branch: 'overstory/builder/t',
      taskId: 't',
      conflictFiles: ['a.ts'],
      errorMessage: 'it conflicts',
    });
  });

  it('a success goes to the parent', () => {
    const mails = mergeMails(
      { view: { ...view, resolvedTier: 'clean-merge' }, merged: true, requestedBy: null },
      session,
    );
    expect(mails).toMatchObject([{ to: 'lead', type: 'merged' }]);
    expect(JSON.parse(mails[0]?.payload ?? '')).toEqual({
      branch: 'overstory/builder/t',
      taskId: 't',
      tier: 'clean-merge',
    });
  });

  it('nobody who has ended, who is unknown, or who asked for it is written to', () => {
    expect(
      mergeMails({ view: { ...view, agentName: 'gone' }, merged: false, requestedBy: null }, session),
    ).toMatchObject([{ to: 'lead' }]);
    expect(mergeMails({ view: { ...view, agentName: 'unknown' }, merged: true, requestedBy: null }, session)).toEqual(
      [],
    );
    expect(mergeMails({ view, merged: false, requestedBy: 'merger-1' }, session)).toEqual([]);
  });
});
