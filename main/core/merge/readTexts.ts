import { type CallError, fail, ok, type Result } from '../../../contract/result.ts';
import type { Git } from '../git/git.ts';
import { readObjects } from './readObjects.ts';
import { gitLine } from './repositoryState.ts';

/** Bytes of blobs read by one process; what it gives lies in memory as a whole. */
const BATCH_BYTES = 24 * 1024 * 1024;
/** Bytes git looks at to tell binary content. */
const BINARY_LOOK = 8_000;

/**
 * Reads blobs by two git processes, more only for very much content. Null stands for content without lines: binary (a
 * zero byte near the start, as git tells it) or larger than `maxBytes`. Text is UTF-8.
 */
export async function readTexts(
  git: Git,
  oids: readonly string[],
  maxBytes: number,
): Promise<Result<ReadonlyMap<string, string | null>, CallError>> {
  const blobs = new Map<string, string | null>();
  const wanted = [...new Set(oids)];
  if (wanted.length === 0) return ok(blobs);
  const sizes = await git(['cat-file', '--batch-check=%(objectname) %(objectsize)'], { input: linesOf(wanted) });
  if (sizes.code !== 0) return unreadable(gitLine(sizes.stderr));
  const batches: string[][] = [[]];
  let bytes = 0;
  for (const line of sizes.stdout.trimEnd().split('\n')) {
    const [oid = '', size = ''] = line.split(' ');
    if (!/^\d+$/.test(size)) return unreadable(line);
    if (Number(size) > maxBytes) {
      blobs.set(oid, null);
      continue;
    }
    bytes += Number(size);
    if (bytes > BATCH_BYTES) {
      batches.push([]);
      bytes = Number(size);
    }
    batches.at(-1)?.push(oid);
  }
  for (const batch of batches) {
    for (const [oid, content] of await readObjects(git, batch)) {
      if (content === null) return unreadable(`${oid} is missing`);
      blobs.set(oid, content.subarray(0, BINARY_LOOK).includes(0) ? null : content.toString('utf8'));
    }
  }
  return ok(blobs);
}

const linesOf = (oids: readonly string[]): string => oids.map((oid) => `${oid}\n`).join('');

function unreadable(reason: string): Result<never, CallError> {
  return fail('merge', `git cannot read the files of this merge: ${reason}`);
}
