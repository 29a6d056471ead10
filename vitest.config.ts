import { defineConfig } from 'vitest/config';

const unit = [
  '{activities,api,bench,cli,contracts,db,demo,domain,orchestration,planning,runtime,scripts,sidecar,worker,workflows}/**/*.test.ts',
];
const services = { globalSetup: ['test/harness/global-setup.ts'], testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      { test: { name: 'unit', include: unit, testTimeout: 20_000 } },
      { test: { name: 'integration', include: ['test/integration/**/*.test.ts', 'test/replay/**/*.test.ts'], ...services } },
      // One at a time: they stop and kill the servers that they start, and measure time.
      {
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          ...services,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
