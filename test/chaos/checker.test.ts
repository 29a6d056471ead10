import { describe, expect, it } from 'vitest';

import { openChaosBench } from '../harness/chaos-bench.ts';
import { testScripts } from '../harness/plan-run.ts';

/** What the checker must notice: how to plant it, and a word of what it then says. */
const faults = [
  ['a request that the ledger does not know', "update attempts set attempt_id = 'atm_other' where step_id = 'T1-1'", 'does not know'],
  ['an open attempt', "update attempts set state = 'open', closed_at = null where step_id = 'T1-1'", 'is open'],
  ['a verdict without an answer', "update attempts set state = 'failed' where step_id = 'T1-1'", 'without an answer'],
  ['a lost verdict', "update probes set outcome = null, judged_at = null where step_id = 'T1-1'", 'has no outcome'],
  ['a lost answer', "update probes set outcome = 'not_run' where step_id = 'T1-1'", 'was lost'],
  ['a gap in the feed', 'delete from run_feed where seq = 3', 'has a gap'],
  ['a second end', "update run_feed set type = 'run_ended' where seq = 3", 'one run_ended'],
  ['a run that goes on', "update runs set status = 'running', ended_at = null", 'has not ended'],
  ['a status that Temporal does not share', "update runs set status = 'incomplete'", 'the workflow ended completed'],
  ['a request before its ledger row', "update attempts set opened_at = now() where step_id = 'T1-1'", 'before it was in the ledger'],
  [
    'a second request to a target that is not idempotent',
    `insert into attempts select (jsonb_populate_record(a, '{"attempt_id": "atm_2", "attempt_no": 2}')).* from attempts a where step_id = 'T1-1';
     update attempts set state = 'indeterminate' where step_id = 'T1-1' and attempt_no = 1`,
    'although its end was unknown',
  ],
] as const;

describe('the checker', () => {
  it('finds nothing wrong with a run that nothing went wrong with, and finds what is planted', async (context) => {
    const bench = await openChaosBench(context);
    const worker = await bench.startWorker();
    const runId = await bench.start({ scripts: testScripts(2, 2) });
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 4 } });
    expect(await bench.check(runId)).toEqual([]);
    // Its reconciler would mend what is planted.
    await worker.kill9();
    for (const [fault, statement, finding] of faults) {
      const undo = await plant((text) => bench.db.query(text), statement);
      const found = await bench.check(runId);
      expect(found.join('; '), fault).toContain(finding);
      await undo();
      expect(await bench.check(runId), `after ${fault}`).toEqual([]);
    }
  });
});

const tables = ['run_feed', 'attempts', 'probes', 'runs'] as const;

/** Changes rows past every trigger; the result puts them back. */
async function plant(query: (text: string) => Promise<unknown>, statement: string): Promise<() => Promise<void>> {
  const past = "set session_replication_role = 'replica'";
  const keep = tables.map((table) => `drop table if exists kept.${table}; create table kept.${table} as table public.${table}`);
  await query(`create schema if not exists kept; ${keep.join('; ')}; ${past}; ${statement}; reset session_replication_role`);
  return async () => {
    const back = tables.map((table) => `delete from public.${table}; insert into public.${table} select * from kept.${table}`);
    await query(`${past}; ${back.join('; ')}; reset session_replication_role`);
  };
}
