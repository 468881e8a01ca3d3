import { defineConfig } from 'vitest/config';

export default defineConfig({
  // As built: without what a debugger of another library would want.
  oxc: { jsx: { development: false } },
  // Two workers: the tests share their machine with the servers of other suites.
  // A deadline is far above what is expected: no test is about time.
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
