import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../events/eventRow.ts';
import { checkScope } from './scopeCheck.ts';
import { expansionReasons, outsideScope } from './scopeRules.ts';

describe('file scope (spec 01 §5.5)', () => {
  it.each<[string, string[], string[], string[]]>([
    ['literal hit', ['src/a.ts'], ['src/a.ts'], []],
    ['nested below a glob', ['src/foo/x/y.ts'], ['src/foo/**/*.ts'], []],
    ['out of scope', ['other.ts'], ['in-scope.ts'], ['other.ts']],
    ['no scope', ['anything.ts'], [], []],
    ['only the outsider', ['src/a.ts', 'lib/b.ts'], ['src/*.ts'], ['lib/b.ts']],
    ['a bare folder covers nothing below it', ['src/a.ts'], ['src', 'src/'], ['src/a.ts']],
  ])('F1: %s', (_name, files, scope, outside) => expect(outsideScope(files, scope)).toEqual(outside));

  it.each<[string, string[]]>([
    ['expansion_reason: foo', ['foo']],
    ['Expansion_Reason:  the api moved ', ['the api moved']],
    ['subject\n\nEXPANSION_REASON: in the body', ['in the body']],
    ['expansion_reason:', []],
    ['expansion_reason:   \nnext line', []],
    ['expansion-reason: foo', []],
    ['', []],
    ['expansion_reason: one\n\nexpansion_reason: two', ['one', 'two']],
  ])('F2, F3: %j', (log, reasons) => expect(expansionReasons(log)).toEqual(reasons));

  function run(
    facts: {
      capability?: string;
      log?: string;
      subjects?: string[];
      diffCode?: number;
      names?: string[];
      throws?: boolean;
    } = {},
  ) {
    const events: NewEvent[] = [];
    let asked = 0;
    const checked = checkScope(
      {
        git: async ([command]) => {
          asked += 1;
          if (facts.throws) throw new Error('no git');
          const names = facts.names ?? ['in-scope.ts', 'other.ts'];
          if (command === 'diff') return { code: facts.diffCode ?? 0, stdout: `${names.join('\0')}\0`, stderr: '' };
          return { code: 0, stdout: facts.log ?? 'Work\n', stderr: '' };
        },
        mail: { getAll: () => (facts.subjects ?? []).map((subject) => ({ subject })) as never },
        events: {
          insert: (event) => {
            events.push(event);
            return 1;
          },
        },
        canonicalBranch: () => 'main',
        scopeOf: () => ['in-scope.ts'],
      },
      { agentName: 'ann', capability: facts.capability ?? 'builder', worktreePath: '/tmp', runId: null },
    );
    return checked.then((violations) => ({ violations, events, asked }));
  }

  it('C1: a builder that changed another file gets a warning event with the files', async () => {
    const { violations, events } = await run();
    expect(violations).toEqual(['other.ts']);
    expect(events).toMatchObject([{ agentName: 'ann', eventType: 'custom', level: 'warn' }]);
    expect(JSON.parse(events[0]?.data ?? '')).toMatchObject({
      type: 'scope_violation',
      violations: ['other.ts'],
      fileScope: ['in-scope.ts'],
    });
  });
  it('C2: a commit that says why is no violation', async () => {
    expect(await run({ log: 'Work\n\nexpansion_reason: the type lives there\n' })).toMatchObject({ events: [] });
  });
  it('C3: an announced expansion is no violation', async () => {
    expect(await run({ subjects: ['scope_expansion: other.ts'] })).toMatchObject({ events: [] });
  });
  it('C4, F5: a scout is not looked at', async () => {
    expect(await run({ capability: 'scout' })).toMatchObject({ events: [], asked: 0 });
  });
  it.each(['builder', 'merger'])('F5: a %s is, for it changes files', async (capability) => {
    expect((await run({ capability })).asked).toBeGreaterThan(0);
  });
  it.each([
    ['builder', true],
    ['merger', true],
    ['scout', false],
    ['reviewer', false],
    ['lead', false],
    ['coordinator', false],
    ['monitor', false],
  ])('F5: a %s is looked at: %s', async (capability, looked) => {
    expect((await run({ capability })).asked > 0).toBe(looked);
  });
  it('F4: blank names in the diff count as none, and reasons are asked only when there is a violation', async () => {
    expect(await run({ names: ['', 'in-scope.ts', ''] })).toMatchObject({ violations: [], asked: 1 });
    expect(await run({ names: ['', 'other.ts', ''] })).toMatchObject({ violations: ['other.ts'], asked: 2 });
  });
  it('F4: a git that throws is told to the caller, who observes only', async () => {
    await expect(run({ throws: true })).rejects.toThrow('no git');
  });
  it('F4: a git that cannot answer is no violation', async () => {
    expect(await run({ diffCode: 128 })).toMatchObject({ violations: [], events: [] });
  });
});
