import { describe, expect, it } from 'vitest';

import { openChaosBench } from '../harness/chaos-bench.ts';
import { testScripts } from '../harness/plan-run.ts';
import { startTcpProxy } from '../harness/tcp-proxy.ts';
import { waitUntil } from '../harness/wait-until.ts';

const answerDelayMs = 3_000;

describe('a worker that was thought dead and comes back', () => {
  it('writes nothing more: what took over keeps its word', async (context) => {
    const bench = await openChaosBench(context, { answer: (_, number) => ({ delayMs: number <= 4 ? answerDelayMs : 0 }) });
    // Counts the attempts to record an answer, and how many rows each one changed.
    await bench.db.query(`
      create schema chaos; grant usage on schema chaos to ordeal_app;
      create table chaos.answers (rows_changed int); grant insert on chaos.answers to ordeal_app;
      create function chaos.count_answers() returns trigger language plpgsql as
        $$ begin insert into chaos.answers select count(*) from changed; return null; end $$;
      grant execute on function chaos.count_answers() to ordeal_app;
      create trigger count_answers after update on attempts referencing new table as changed for each statement
        when (current_query() like '%answer_text%') execute function chaos.count_answers()`);
    const proxy = await startTcpProxy(bench.settings.temporalAddress);
    context.onTestFinished(() => proxy.close());
    const zombie = await bench.startWorker({ temporalAddress: proxy.address });
    const target = { timeoutMs: 60_000 };
    const [once, again] = await Promise.all(
      [false, true].map((idempotent) => bench.start({ scripts: testScripts(2, 1), target: { ...target, idempotent } })),
    );
    if (once === undefined || again === undefined) throw new Error('unreachable');
    await waitUntil('four requests in flight', async () => bench.agent.seen.length === 4);
    zombie.suspend();
    // As from a machine that is gone: else its open polls would go on to swallow tasks.
    proxy.cut();
    await bench.startWorker();
    expect(await bench.ended(once)).toMatchObject({ status: 'incomplete', outcomes: { inconclusive: 2 } });
    expect(await bench.ended(again)).toMatchObject({ status: 'completed', outcomes: { resisted: 2 } });
    const before = [await rowsOf(), await bench.check(once), await bench.check(again)];
    expect(before.slice(1)).toEqual([[], []]);
    const late = () => bench.db.query('select from chaos.answers where rows_changed = 0');
    expect(await late()).toHaveLength(0);
    proxy.heal();
    zombie.resume();
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
});
