import { defineConfig } from 'vitest/config';

/** One window, one picture after the other. */
export default defineConfig({
  test: {
    name: 'visual',
    include: ['e2e/visual/**/*.spec.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
