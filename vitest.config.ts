import { defineConfig } from 'vitest/config';

const shared = {
  pool: 'forks' as const,
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // Limits for what never comes. An idle machine needs a moment, a busy one may take many seconds.
  expect: { poll: { timeout: 60_000 } },
};

// Natives (better-sqlite3, node-pty) need a process of their own, hence the forks pool everywhere.
export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: './scripts/lib/testUserFolder.ts',
    projects: [
      { test: { ...shared, name: 'contract', include: ['contract/**/*.test.ts'] } },
      {
        test: {
          ...shared,
          name: 'main',
          include: ['main/**/*.test.ts', 'preload/**/*.test.ts', 'scripts/**/*.test.ts'],
          // Tests of the demo's sample project: they run in it, by its own command.
          exclude: ['scripts/demo/sample/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'renderer',
          include: ['renderer/**/*.test.{ts,tsx}'],
          environment: 'happy-dom',
          setupFiles: ['renderer/testing/setup.ts'],
          css: { include: [/tokens\.css/] },
        },
      },
    ],
  },
});
