import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | null = null;

/** Gives a run of tests a user folder of its own (main/platform/userFolder.ts): engines they start are on nobody's list. */
export async function setup(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'ocr-user-'));
  process.env.XDG_DATA_HOME = folder;
}

export async function teardown(): Promise<void> {
  if (folder !== null) await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
