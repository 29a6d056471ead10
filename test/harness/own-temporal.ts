import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inject, type TestContext } from 'vitest';

import { startTemporalServer, type RunningTemporalServer } from '../../scripts/stack/temporal-server.ts';

/** A Temporal server of the test's own, which it may kill; gone, with all it knows, when the test is over. */
export async function startOwnTemporal(context: TestContext): Promise<RunningTemporalServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ordeal-chaos-'));
  const dbFile = join(folder, 'temporal.db');
  const server = await startTemporalServer({ cliPath: inject('temporalCliPath'), dbFile, headless: true, log: () => undefined });
  context.onTestFinished(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return server;
}
