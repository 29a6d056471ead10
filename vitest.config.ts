import os from 'node:os';

import { defineConfig } from 'vitest/config';

const unit = [
  '{activities,api,bench,cli,contracts,db,demo,domain,orchestration,planning,runtime,scripts,sidecar,worker,workflows}/**/*.test.ts',
];
const cores = os.availableParallelism();
const services = { globalSetup: ['test/harness/global-setup.ts'], testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    reporters: ['default'],
    // Groups run one after the other. Tests with servers share one PostgreSQL and one Temporal.
    projects: [
      { test: { name: 'unit', include: unit, testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: cores, sequence: { groupOrder: 0 } } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/replay/**/*.test.ts'],
          ...services,
          maxWorkers: Math.min(cores, 6),
          sequence: { groupOrder: 1 },
        },
      },
      // Two at a time: they stop and kill servers of their own, and measure time.
      {
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          ...services,
          testTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
