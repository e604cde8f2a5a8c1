import { afterEach } from 'vitest';
import { type MergeAttempt, resolveMerge } from '../resolver.ts';
import { type SampleRepository, sampleRepository } from '../sampleRepository.ts';
import { siteFor } from '../site.ts';

// Repositories and merges for the resolver's tests; each test's repositories go with it.

const opened: SampleRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

export async function repository(files?: Readonly<Record<string, string | Uint8Array>>): Promise<SampleRepository> {
  const made = await sampleRepository(files);
  opened.push(made);
  return made;
}

export async function merge(repo: SampleRepository, branch: string, target = 'main'): Promise<MergeAttempt> {
  const outcome = await refusal(repo, branch, target);
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value;
}

export async function refusal(repo: SampleRepository, branch: string, target = 'main') {
  const journal = await repo.journal(branch, target);
  return resolveMerge(siteFor(repo.site, journal.id), journal);
}

export const status = (repo: SampleRepository) => repo.run('status', '--porcelain');
export const head = (repo: SampleRepository) => repo.run('rev-parse', 'HEAD');

/** Both sides rewrite the same line. */
export async function contested(files: Readonly<Record<string, string>> = {}): Promise<SampleRepository> {
  const repo = await repository({ 'a.txt': 'one\ntwo\nthree\n', 'other.txt': 'other\n', ...files });
  await repo.branch('work', { 'a.txt': 'one\nbranch\nthree\n' });
  await repo.commit({ 'a.txt': 'one\ntarget\nthree\n' });
  return repo;
}
