import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it, type TestContext } from 'vitest';

import { openChaosBench, type ChaosBench } from '../harness/chaos-bench.ts';
import { CrashPoints } from '../harness/crash-points.ts';
import { testScripts } from '../harness/plan-run.ts';
import { startTcpProxy } from '../harness/tcp-proxy.ts';
import { waitUntil } from '../harness/wait-until.ts';

interface Zombie {
  readonly isAlive: () => boolean;
  readonly freeze: () => void;
  readonly thaw: () => void;
}

/** A worker that can stand still as on a machine that is gone: else its open polls would go on to swallow tasks. */
async function startZombie(context: TestContext, bench: ChaosBench): Promise<Zombie> {
  const proxy = await startTcpProxy(bench.settings.temporalAddress);
  context.onTestFinished(() => proxy.close());
  const worker = await bench.startWorker({ temporalAddress: proxy.address });
  return {
    isAlive: () => worker.isAlive(),
    freeze: () => {
      worker.suspend();
      proxy.cut();
    },
    thaw: () => {
      proxy.heal();
      worker.resume();
    },
  };
}

describe('a worker that was thought dead and comes back', () => {
  it('writes nothing more: what took over keeps its word', async (context) => {
    const frozen = Promise.withResolvers<void>();
    const bench = await openChaosBench(context, { answer: (_, number) => (number <= 4 ? frozen.promise.then(() => ({})) : {}) });
    // Counts the attempts to record an answer, and how many rows each one changed.
    await bench.db.query(`
      create schema chaos; grant usage on schema chaos to ordeal_app;
      create table chaos.answers (rows_changed int); grant insert on chaos.answers to ordeal_app;
      create function chaos.count_answers() returns trigger language plpgsql as
        $$ begin insert into chaos.answers select count(*) from changed; return null; end $$;
      grant execute on function chaos.count_answers() to ordeal_app;
      create trigger count_answers after update on attempts referencing new table as changed for each statement
        when (current_query() like '%answer_text%') execute function chaos.count_answers()`);
    const zombie = await startZombie(context, bench);
    const target = { timeoutMs: 150_000 };
    const [once, again] = await Promise.all(
      [false, true].map((idempotent) => bench.start({ scripts: testScripts(2, 1), target: { ...target, idempotent } })),
    );
    if (once === undefined || again === undefined) throw new Error('unreachable');
    await waitUntil('four requests in flight', async () => bench.agent.seen.length === 4);
    zombie.freeze();
    frozen.resolve();
    await bench.startWorker();
    expect(await bench.ended(once)).toMatchObject({ status: 'incomplete', outcomes: { inconclusive: 2 } });
    expect(await bench.ended(again)).toMatchObject({ status: 'completed', outcomes: { resisted: 2 } });
    const before = [await rowsOf(), await bench.check(once), await bench.check(again)];
    expect(before.slice(1)).toEqual([[], []]);
    const late = () => bench.db.query('select from chaos.answers where rows_changed = 0');
    expect(await late()).toHaveLength(0);
    zombie.thaw();
    await waitUntil('the late writes of the zombie', async () => (await late()).length === 4);
    expect([await rowsOf(), await bench.check(once), await bench.check(again)]).toEqual(before);
    expect(bench.seen(once)).toHaveLength(2);
    expect(bench.seen(again)).toHaveLength(4);
    expect(zombie.isAlive()).toBe(true);

    async function rowsOf(): Promise<unknown> {
      return [
        await bench.db.query('select * from probes order by probe_id'),
        await bench.db.query('select * from attempts order by attempt_id'),
      ];
    }
  });

  it('tells nothing of a run that has ended meanwhile', async (context) => {
    const bench = await openChaosBench(context, { answer: (_, number) => (number === 1 ? { status: 503 } : {}) });
    const point = 'after the failure';
    const crash = await CrashPoints.open(bench.db, {
      [point]: `create constraint trigger gate after update of state on attempts deferrable initially deferred for each row
        when (new.state = 'failed') execute function gate()`,
    });
    context.onTestFinished(() => crash.close());
    const zombie = await startZombie(context, bench);
    const runId = await bench.plan({ scripts: testScripts(1, 1) });
    await crash.place(runId, point);
    await crash.shut(runId);
    await bench.runs.start(bench.tenant.orgId, runId);
    await waitUntil('a failure that is being recorded', async () => (await crash.held(runId)) === 1);
    zombie.freeze();
    await crash.openGate(runId);
    await bench.startWorker();
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 1 } });
    expect(await bench.check(runId)).toEqual([]);
    zombie.thaw();
    // It would tell at once that it tries again in two seconds.
    await sleep(2_000);
    expect(await bench.check(runId)).toEqual([]);
    expect(zombie.isAlive()).toBe(true);
  });
});
