import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fail, ok, type Result } from '../../../contract/result.ts';
import { converseWithGit } from '../git/gitStream.ts';
import { gitLine } from '../merge/repositoryState.ts';

/** Somewhere the bytes of a blob go, piece by piece. */
export interface BlobSink {
  take(bytes: Buffer): Promise<unknown>;
  /** @param complete false when the blob broke off. */
  end(complete: boolean): Promise<unknown>;
}

/**
 * Reads blobs one after the other out of one `git cat-file --batch`, as they were stored: no filter of git touches
 * them. `open` is asked for a place for each.
 */
export async function readBlobs<Item extends { readonly oid: string }>(
  top: string,
  items: readonly Item[],
  open: (item: Item) => Promise<BlobSink>,
): Promise<Result<null>> {
  if (items.length === 0) return ok(null);
  const read = await converseWithGit(top, ['cat-file', '--batch'], async ({ send, end, stdout }) => {
    const source = new ByteSource(stdout);
    for (const item of items) {
      await send(`${item.oid}\n`);
      const header = await source.line();
      const size = Number(/ blob (\d+)$/.exec(header)?.[1] ?? Number.NaN);
      if (Number.isNaN(size)) return `${item.oid} is missing in this repository`;
      const sink = await open(item);
      let complete = false;
      try {
        await source.pass(size, (bytes) => sink.take(bytes));
        complete = true;
      } finally {
        await sink.end(complete);
      }
      await source.pass(1, async () => {});
    }
    end();
    return null;
  });
  if (read.value === null && read.code === 0) return ok(null);
  return fail('worktree', `the snapshot cannot be read: ${read.value ?? gitLine(read.stderr)}`);
}

/** Reads one blob that is known to be small. */
export async function readBlob(top: string, oid: string): Promise<Result<Buffer>> {
  const parts: Buffer[] = [];
  const read = await readBlobs(top, [{ oid }], async () => ({
    take: async (bytes) => parts.push(bytes),
    end: async () => {},
  }));
  return read.ok ? ok(Buffer.concat(parts)) : read;
}

/** A sink that writes into an open file and closes it. */
export function fileSink(handle: FileHandle): BlobSink {
  return { take: (bytes) => handle.writeFile(bytes), end: () => handle.close() };
}

/** Takes lines and counted bytes out of a stream. */
class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    return true;
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (!(await this.#more())) return '';
    }
  }

  async pass(count: number, take: (bytes: Buffer) => Promise<unknown>): Promise<void> {
    let left = count;
    while (left > 0) {
      if (this.#rest.length === 0 && !(await this.#more())) {
        throw Object.assign(new Error('git ended in the middle of a blob'), { code: 'EPIPE' });
      }
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      await take(part);
    }
  }
}
