/**
 * Standard input and output of a program that reads once, prints once and ends: by descriptor, because node's streams take
 * longer to set up than most commands take to answer.
 */
import { readSync, writeSync } from 'node:fs';

const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;
/** Bytes read at once; a tool call that writes a file carries the whole of it. */
const READ_BYTES = 64 * 1024;

/** Set once standard output turned out to be a full pipe that does not wait: from then on its stream keeps the order. */
let streaming = false;

/** Prints text. A reader that has seen enough, such as `head`, ends the program without an error. */
export function print(text: string): void {
  if (streaming) return void process.stdout.write(text);
  const bytes = Buffer.from(text);
  let written = 0;
  try {
    while (written < bytes.byteLength) written += writeSync(STANDARD_OUTPUT, bytes, written);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') process.exit(0);
    if (!isNotReady(code)) process.exit(1);
    streaming = true;
    process.stdout.write(bytes.subarray(written));
  }
}

/** The whole of standard input as text. */
export async function readStandardInput(): Promise<string> {
  const parts: Buffer[] = [];
  try {
    for (;;) {
      const part = Buffer.allocUnsafe(READ_BYTES);
      const count = readSync(STANDARD_INPUT, part);
      if (count === 0) break;
      parts.push(part.subarray(0, count));
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A pipe that does not wait: what is still to come is taken by a stream. Windows tells the end of a pipe by an error.
    if (isNotReady(code)) for await (const part of process.stdin) parts.push(part as Buffer);
    else if (code !== 'EOF') throw error;
  }
  return Buffer.concat(parts).toString('utf8');
}

function isNotReady(code: string | undefined): boolean {
  return code === 'EAGAIN' || code === 'EWOULDBLOCK';
}
