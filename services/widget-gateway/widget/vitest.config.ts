import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Two workers: the tests share their machine with the servers of other suites.
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], maxWorkers: 2 },
});
