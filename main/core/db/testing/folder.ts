import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '../../../../contract/result.ts';
import type { Clock } from '../../../platform/clock.ts';

/** For tests: a folder of its own with everything opened in it, closed and removed by `dispose`. */
export interface TestFolder {
  readonly path: string;
  file(name: string): string;
  /** Remembers something to be closed before the folder goes; gives it back. */
  keep<Closable extends { close(): void }>(opened: Closable): Closable;
  dispose(): Promise<void>;
}

export async function createTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'overstory-store-'));
  const open: { close(): void }[] = [];
  return {
    path,
    file: (name) => join(path, name),
    keep(opened) {
      open.push(opened);
      return opened;
    },
    async dispose() {
      for (const item of open.reverse()) item.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** For tests: the value of a result that must be a success. */
export function must<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`expected success, got ${result.error.tag}: ${result.error.message}`);
  return result.value;
}

/** For tests: a clock that stands still until it is moved. */
export function createTestClock(start = Date.parse('2026-03-05T14:52:26.089Z')): Clock & { advance(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    advance(milliseconds) {
      now += milliseconds;
    },
  };
}
