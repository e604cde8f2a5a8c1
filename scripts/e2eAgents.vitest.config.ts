import { defineConfig } from 'vitest/config';

// One file at a time and one test after the other: each runs real agents with some 300 MB of memory.
export default defineConfig({
  test: {
    name: 'e2e agents',
    include: ['e2e/agents/**/*.spec.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 60_000,
  },
});
