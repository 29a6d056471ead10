import { describe, expect, it } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import { openChaosBench } from '../harness/chaos-bench.ts';
import { cleanedAt, cleanupStates, inOrder, isCleanup, messyStep } from '../harness/cleanups.ts';
import { CrashPoints } from '../harness/crash-points.ts';
import { waitUntil } from '../harness/wait-until.ts';

const gates = {
  'before the ledger row': 'create trigger gate before insert on cleanup_attempts for each row execute function gate()',
  'after the ledger row':
    'create constraint trigger gate after insert on cleanup_attempts deferrable initially deferred for each row execute function gate()',
  'after the answer':
    "create trigger gate before update of state on cleanup_attempts for each row when (new.state = 'answered') execute function gate()",
  'before the completion':
    "create constraint trigger gate after update of state on cleanups deferrable initially deferred for each row when (new.state = 'cleaned') execute function gate()",
} as const;
type Point = keyof typeof gates | 'after the request';
const points: readonly Point[] = [...(Object.keys(gates) as (keyof typeof gates)[]), 'after the request'];
/** Where nobody can know afterwards whether the target has acted. */
const unknownAt: ReadonlySet<Point> = new Set(['after the ledger row', 'after the answer', 'after the request']);

interface KilledRun {
  readonly runId: RunId;
  readonly point: Point;
  readonly method: 'DELETE' | 'POST';
}

describe('a worker that is killed with kill -9 while it cleans up', () => {
  it('loses and doubles no cleanup at any point in its life', async (context) => {
    let isHolding = true;
    const held = new Set<string>();
    const bench = await openChaosBench(context, {
      answer: async (request) => {
        const runId = String(request.headers['x-ordeal-run-id']);
        if (!isHolding || !isCleanup(request) || !silent.has(runId)) return {};
        held.add(runId);
        await waitUntil('the kill', async () => !isHolding, 120_000);
        return {};
      },
    });
    const silent = new Set<string>();
    const crash = await CrashPoints.open(bench.db, gates);
    try {
      const killed: KilledRun[] = [];
      for (const point of points) {
        for (const method of ['DELETE', 'POST'] as const) {
          const scripts = inOrder(messyStep('A', {}, { method }), messyStep('B', {}, { method }));
          const runId = await bench.plan({ scripts, options: { concurrency: 1 }, target: { timeoutMs: 120_000 } });
          killed.push({ runId, point, method });
          if (point === 'after the request') silent.add(runId);
          else await crash.place(runId, point);
          if (point !== 'after the request') await crash.shut(runId);
          await bench.runs.start(bench.tenant.orgId, runId);
        }
      }
      const worker = await bench.startWorker();
      const isThere = async ({ runId, point }: KilledRun) =>
        point === 'after the request' ? held.has(runId) : (await crash.held(runId)) > 0;
      // All at once: the database lets nobody stand at a gate for ever.
      await waitUntil('every run at its point', async () => (await Promise.all(killed.map(isThere))).every(Boolean), 120_000);
      await worker.kill9();
      isHolding = false;
      for (const { runId, point } of killed) if (point !== 'after the request') await crash.openGate(runId);
      await crash.settled();
      await bench.startWorker();
      for (const { runId, point, method } of killed) {
        const title = `${point}, ${method}`;
        expect(await bench.ended(runId, 120_000), title).toMatchObject({ status: 'completed', outcomes: { resisted: 2 } });
        expect(await bench.check(runId), title).toEqual([]);
        const isLost = unknownAt.has(point) && method === 'POST';
        expect(await cleanupStates(bench.db, runId), title).toEqual({
          A: 'cleaned',
          B: isLost ? 'indeterminate: indeterminate' : 'cleaned',
        });
        const ofB = cleanedAt(bench.seen(runId)).filter((step) => step === 'B').length;
        expect(ofB, title).toBeLessThanOrEqual(method === 'POST' ? 1 : 2);
      }
    } finally {
      await crash.close();
    }
  }, 400_000);
});
