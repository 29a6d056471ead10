import { setTimeout as sleep } from 'node:timers/promises';

import { describe, it } from 'vitest';

import { pauseRun, resumeRun } from '../../db/runs/pause-run.ts';
import { withOrg } from '../../db/with-org.ts';
import type { RunId } from '../../domain/ids.ts';
import { openChaosBench, type ChaosBench } from '../harness/chaos-bench.ts';
import { startOwnTemporal } from '../harness/own-temporal.ts';
import { testScripts } from '../harness/plan-run.ts';
import { waitUntil } from '../harness/wait-until.ts';

const steps = 10;
/** Enough for a busy machine and for a step that has to wait until its dead worker is noticed. */
const maxDurationMinutes = 0.5;
/** Longer than the run may last, so that a clock that goes on in the pause ends it. */
const pausedMs = 31_000;

interface Clocks {
  readonly status: string;
  readonly paused_ms: number;
  /** Between what the run was given at its start and its deadline now. */
  readonly moved_ms: number;
}

async function clocks({ db }: ChaosBench, runId: RunId): Promise<Clocks> {
  const [row] = await db.query<Clocks>(
    `select status, paused_ms::float8, (extract(epoch from deadline_at - started_at) * 1000)::float8 - $2 as moved_ms from runs where run_id = $1`,
    [runId, maxDurationMinutes * 60_000],
  );
  if (row === undefined) throw new Error(`no run ${runId}`);
  return row;
}

describe.concurrent('a paused run, of which', () => {
  it.for(['the worker', 'Temporal'] as const)(
    '%s is killed with kill -9 and started again, stays paused, sends nothing, and has all of its time when it is resumed',
    async (victim, context) => {
      const { expect } = context;
      const temporal = victim === 'Temporal' ? await startOwnTemporal(context) : undefined;
      const own = temporal === undefined ? {} : { temporalAddress: temporal.address };
      const paused = Promise.withResolvers<void>();
      const answer = async (_: unknown, number: number) => {
        if (number > 3) await paused.promise;
        return {};
      };
      const bench = await openChaosBench(context, { ...own, answer });
      const worker = await bench.startWorker();
      const options = { concurrency: 2, maxDurationMinutes };
      const runId = await bench.start({ scripts: testScripts(steps, 1), options, target: { timeoutMs: 60_000 } });
      await waitUntil('some answers', async () => bench.seen(runId).filter(({ answeredAtMs }) => answeredAtMs !== undefined).length >= 3);
      const asked = { orgId: bench.tenant.orgId, runId, requestedBy: 'key_test' };
      // The workflow is not told: whoever comes next finds the pause in the database.
      expect(await withOrg(bench.db.database, asked.orgId, (tx) => pauseRun(tx, asked))).toBe('paused');
      const pausedAtMs = Date.now();
      paused.resolve();
      await waitUntil('the end of what was in flight', async () => {
        const open = await bench.db.query("select from attempts where run_id = $1 and state = 'open'", [runId]);
        return open.length === 0;
      });
      const sent = bench.seen(runId).length;
      await (victim === 'Temporal' ? temporal : worker)?.kill9();
      if (victim === 'Temporal') await temporal?.restart();
      else await bench.startWorker();
      await waitUntil('the workflow to know of its pause', async () => {
        const progress = await bench.runs.progress(runId).catch(() => undefined);
        return progress?.status === 'paused';
      });
      await sleep(Math.max(0, pausedAtMs + pausedMs - Date.now()));
      expect(await clocks(bench, runId)).toMatchObject({ status: 'paused', paused_ms: 0 });
      expect(bench.seen(runId)).toHaveLength(sent);

      expect(await withOrg(bench.db.database, asked.orgId, (tx) => resumeRun(tx, asked))).toBe('resumed');
      await bench.runs.signalControlChanged(runId);
      const { paused_ms: counted, moved_ms: moved } = await clocks(bench, runId);
      expect(counted).toBeGreaterThanOrEqual(pausedMs);
      expect(Math.abs(moved - counted)).toBeLessThan(50);
      expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: steps } });
      expect(await bench.check(runId)).toEqual([]);
    },
  );
});
