import { defineConfig } from 'vitest/config';
import { currentFace } from '../e2e/support/faces.ts';

// One spec at a time: each drives real windows and processes on a two-core machine. FACE says in which face they run.
export default defineConfig({
  test: {
    name: `e2e ${process.env.FACE ?? 'electron'}`,
    // `specs` run in every face, `chromium` and `electron` hold what only one of them can show.
    include: ['e2e/specs/**/*.spec.ts', `e2e/${currentFace()}/**/*.spec.ts`],
    globalSetup: './scripts/lib/testUserFolder.ts',
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // What is polled waits for processes: agents, git, `ov`.
    expect: { poll: { timeout: 60_000, interval: 50 } },
  },
});
