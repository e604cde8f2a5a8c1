import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTestVault, stateOf, type TestVault } from './testVault.ts';

const NAMES = [
  'src/a.ts',
  'src/b.ts',
  'README.md',
  'src',
  'x',
  'x/y',
  'x/y/z',
  '-dash',
  'new\nline',
  'sp ace',
  'é',
] as const;

/** One thing somebody does in a worktree. */
const step = fc.record({
  what: fc.constantFrom(
    'write',
    'write',
    'write',
    'remove',
    'program',
    'link',
    'add',
    'addAll',
    'intend',
    'forget',
    'commit',
  ),
  name: fc.constantFrom(...NAMES),
  text: fc.constantFrom('', 'one\n', 'two\r\n', 'three', '\0\u00ff'),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** What cannot be done in this state is left out. */
async function perform(test: TestVault, worktree: string, { what, name, text }: Step): Promise<void> {
  const place = join(worktree, name);
  const git = (...args: string[]) => test.gitIn(worktree, '--literal-pathspecs', ...args).catch(() => '');
  const put = async (make: () => Promise<unknown>): Promise<void> => {
    // A file may stand where a folder is wanted, and the other way round.
    const parts = name.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const folder = join(worktree, ...parts.slice(0, depth));
      await mkdir(folder).catch(() => rm(folder).catch(() => {}));
    }
    await rm(place, { recursive: true, force: true });
    await mkdir(dirname(place), { recursive: true });
    await make();
  };
  switch (what) {
    case 'write':
      return put(() => writeFile(place, text));
    case 'link':
      return put(() => symlink(text.replaceAll('\0', '') || 'nowhere', place));
    case 'remove':
      return rm(place, { recursive: true, force: true }).catch(() => {});
    case 'program':
      return chmod(place, 0o755).catch(() => {});
    case 'add':
      return void (await git('add', '--', name));
    case 'addAll':
      return void (await git('add', '--all'));
    case 'intend':
      return void (await git('add', '--intent-to-add', '--', name));
    case 'forget':
      return void (await git('rm', '-r', '-q', '--cached', '--', name));
    case 'commit':
      return void (await git('commit', '-q', '-m', 'step'));
  }
}

it('whatever was done before a snapshot and after it, a restore brings back exactly what was there', async () => {
  const test = await createTestVault();
  try {
    const worktree = await test.agent('builder');
    const steps = fc.array(step, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(steps, steps, async (first, second) => {
        for (const one of first) await perform(test, worktree, one);
        const before = await stateOf(worktree);
        const taken = await test.vault.snapshot('builder', 'round trip');
        if (!taken.ok) throw new Error(taken.error.message);
        expect(await stateOf(worktree)).toEqual(before);
        for (const one of second) await perform(test, worktree, one);
        const restored = await test.vault.restore({ id: taken.value.snapshot.id, into: 'same', moveHead: true });
        if (!restored.ok) throw new Error(restored.error.message);
        expect(await stateOf(worktree)).toEqual(before);
        test.clock.advance(1_000);
      }),
      { numRuns: 12, endOnFailure: true },
    );
    expect(await test.git('fsck', '--no-dangling')).toBe('');
  } finally {
    await test.dispose();
  }
}, 180_000);
