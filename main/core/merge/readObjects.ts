import type { Git } from '../git/git.ts';

/**
 * Reads objects by name (`<oid>` or `<tree>:<path>`), all by one process, as the bytes they are; null for one that is not
 * there. Names may hold anything but NUL.
 */
export async function readObjects(git: Git, names: readonly string[]): Promise<ReadonlyMap<string, Buffer | null>> {
  const blobs = new Map<string, Buffer | null>();
  const wanted = [...new Set(names)];
  if (wanted.length === 0) return blobs;
  const output = await git(['cat-file', '--batch', '-z'], {
    input: wanted.map((name) => `${name}\0`).join(''),
    // Every byte one character, so that positions and sizes agree.
    encoding: 'latin1',
  });
  if (output.code !== 0) throw new Error(`git cat-file failed: ${output.stderr}`);
  let at = 0;
  for (const name of wanted) {
    const missing = `${Buffer.from(name, 'utf8').toString('latin1')} missing\n`;
    if (output.stdout.startsWith(missing, at)) {
      blobs.set(name, null);
      at += missing.length;
      continue;
    }
    const headerEnd = output.stdout.indexOf('\n', at);
    const size = Number(output.stdout.slice(at, headerEnd).split(' ').at(-1));
    if (headerEnd < 0 || !Number.isInteger(size)) throw new Error(`git cat-file gave no answer for ${name}`);
    blobs.set(name, Buffer.from(output.stdout.slice(headerEnd + 1, headerEnd + 1 + size), 'latin1'));
    at = headerEnd + 1 + size + 1;
  }
  return blobs;
}
