import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Means } from './deeds.ts';
import { createRepository, type Repository, type RepositoryOptions } from './repository.ts';
import { launchRoom, type Room, type RoomOptions } from './room.ts';

/** What the tests of one spec play on: a repository and a room that looks at it. */
export interface Stage {
  readonly repository: Repository;
  readonly room: Room;
  readonly page: Page;
  /** Waits until these actions have run, set off by that. */
  did(ids: readonly string[], means: Means): Promise<void>;
}

/**
 * Builds a repository and its room before the tests of a file and clears both away after them. After every test the
 * consoles must be empty; a failed test leaves a picture of the room and says where.
 */
export function useStage(
  options: RepositoryOptions & RoomOptions & { prepare?(repository: Repository): Promise<void> } = {},
): Stage {
  let repository: Repository | undefined;
  let room: Room | undefined;
  const present = <Part>(part: Part | undefined): Part => {
    if (part === undefined) throw new Error('the stage is built before the first test');
    return part;
  };
  beforeAll(async () => {
    repository = await createRepository(options);
    await options.prepare?.(repository);
    room = await launchRoom(repository.root, options);
  });
  afterEach(async ({ task }) => {
    if (room === undefined) return;
    if (task.result?.state === 'fail') await photograph(room, task.name);
    expect(room.console.take(), 'what the page wrote to its console').toEqual([]);
  });
  afterAll(async () => {
    try {
      await room?.close();
    } finally {
      await repository?.remove();
    }
  });
  return {
    get repository() {
      return present(repository);
    },
    get room() {
      return present(room);
    },
    get page() {
      return present(room).page;
    },
    async did(ids, means) {
      const { deeds } = present(room);
      await expect
        .poll(() => ids.filter((id) => !deeds.has(`${id} ${means}`)), { message: `not done by ${means}` })
        .toEqual([]);
    },
  };
}

async function photograph(room: Room, name: string): Promise<void> {
  const path = join(
    tmpdir(),
    `${room.face} ${name}`
      .replaceAll(/[^\w]+/g, '-')
      .slice(0, 120)
      .concat('.png'),
  );
  try {
    await room.page.screenshot({ path });
    process.stderr.write(`picture of the failed test: ${path}\n`);
  } catch (error) {
    // The room itself may be what failed; the test's own error says more.
    process.stderr.write(`no picture of the failed test: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
