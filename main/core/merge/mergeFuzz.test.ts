import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasMarkerLine } from './conflictBlocks.ts';
import { countLostLines } from './lossAudit.ts';
import { predictMerge } from './prediction.ts';
import { resolveMerge } from './resolver.ts';
import { type SampleRepository, sampleRepository } from './sampleRepository.ts';
import { siteFor } from './site.ts';

const FILES = ['a.txt', 'log.jsonl', 'sub/é x.txt'] as const;
const BASE = Array.from({ length: 12 }, (_, index) => `line ${index}`);

/** One edit of one file; positions are taken modulo what is there. */
type Edit =
  | {
      readonly kind: 'insert' | 'replace' | 'remove';
      readonly file: number;
      readonly at: number;
      readonly count: number;
    }
  | { readonly kind: 'delete'; readonly file: number }
  | { readonly kind: 'create'; readonly name: number };

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('insert' as const, 'replace' as const, 'remove' as const),
      file: fc.nat(FILES.length - 1),
      at: fc.nat(11),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), file: fc.nat(FILES.length - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('create' as const), name: fc.nat(2) }) },
);

function change(kind: 'insert' | 'replace' | 'remove', at: number): Edit {
  return { kind, file: 0, at, count: 1 };
}

type Tree = Map<string, string[]>;

/** Applies edits; every added line names its side, so that none can be mistaken for another's. */
function apply(edits: readonly Edit[], side: string): Tree {
  const tree: Tree = new Map(FILES.map((name) => [name, [...BASE]]));
  for (const [index, one] of edits.entries()) {
    if (one.kind === 'create') {
      tree.set(`new-${one.name}.txt`, [`${side} ${index}`]);
      continue;
    }
    const name = FILES[one.file] ?? FILES[0];
    const lines = tree.get(name);
    if (lines === undefined) continue;
    if (one.kind === 'delete') tree.delete(name);
    else {
      const added = Array.from({ length: one.count }, (_, line) => `${side} ${index}.${line}`);
      const removed = one.kind === 'insert' ? 0 : one.count;
      lines.splice(Math.min(one.at, lines.length), removed, ...(one.kind === 'remove' ? [] : added));
    }
  }
  return tree;
}

const textOf = (lines: readonly string[] | undefined): string =>
  lines === undefined ? '' : lines.map((line) => `${line}\n`).join('');

async function commitTree(repo: SampleRepository, tree: Tree): Promise<void> {
  const all = new Set([...FILES, ...tree.keys()]);
  const files = [...all].map((name) => [name, tree.has(name) ? textOf(tree.get(name)) : null] as const);
  await repo.commit(Object.fromEntries(files));
}

async function state(repo: SampleRepository): Promise<readonly string[]> {
  return [
    await repo.run('rev-parse', 'HEAD'),
    await repo.run('status', '--porcelain', '-z'),
    await repo.run('ls-files', '--stage', '-z'),
    await repo.run('stash', 'list'),
  ];
}

async function headText(repo: SampleRepository, name: string): Promise<string> {
  const output = await repo.git(['cat-file', 'blob', `HEAD:${name}`]);
  return output.code === 0 ? output.stdout : '';
}

it('random edits on two branches: a success keeps every added line, a failure changes nothing', async () => {
  const repo = await sampleRepository({
    ...Object.fromEntries(FILES.map((name) => [name, textOf(BASE)])),
    '.gitattributes': '*.jsonl merge=union\n',
    'mine.txt': 'mine\n',
  });
  const base = (await repo.run('rev-parse', 'HEAD')).trim();
  const counts = { 'clean-merge': 0, 'auto-resolve': 0, failed: 0 };
  let run = 0;
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (branchEdits, targetEdits, dirty) => {
          run += 1;
          const branch = `work-${run}`;
          const theirs = apply(branchEdits, 'branch');
          const ours = apply(targetEdits, 'target');
          await repo.run('checkout', '--quiet', '--force', '-B', branch, base);
          await commitTree(repo, theirs);
          await repo.run('checkout', '--quiet', '-B', 'main', base);
          await commitTree(repo, ours);
          if (dirty) await repo.write('mine.txt', `edited ${run}\n`);
          const before = await state(repo);
          const predicted = await predictMerge(repo.git, branch, 'main');
          const journal = await repo.journal(branch);
          const outcome = await resolveMerge(siteFor(repo.site, journal.id), journal);
          if (!outcome.ok) throw new Error(outcome.error.message);
          const result = outcome.value;
          expect(predicted.ok && predicted.value.wouldRequireAgent).toBe(!result.success);
          expect(await repo.read('mine.txt')).toBe(dirty ? `edited ${run}\n` : 'mine\n');
          if (!result.success) {
            counts.failed += 1;
            expect(await state(repo)).toEqual(before);
            return;
          }
          if (result.tier === 'clean-merge' || result.tier === 'auto-resolve') counts[result.tier] += 1;
          expect(result.warnings).toEqual([]);
          for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
            const merged = await headText(repo, name);
            expect(hasMarkerLine(merged)).toBe(false);
            const versions = { ours: textOf(ours.get(name)), theirs: textOf(theirs.get(name)) };
            const known = (FILES as readonly string[]).includes(name);
            expect(countLostLines({ base: known ? textOf(BASE) : '', ...versions, result: merged })).toBe(0);
          }
          await repo.run('checkout', '--quiet', '--force', 'main');
        },
      ),
      {
        numRuns: 60,
        // One of each way a merge can end, whatever the seed.
        examples: [
          [[change('insert', 1)], [change('insert', 9)], true],
          [[change('replace', 5)], [change('remove', 5)], true],
          [[change('replace', 5)], [change('replace', 5)], true],
        ],
      },
    );
    // The edits must reach every way a merge can end, or the property says little.
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
  } finally {
    await repo.remove();
  }
}, 240_000);
