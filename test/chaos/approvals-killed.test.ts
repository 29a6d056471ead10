import { describe, it } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import { approvalsOf, pendingApprovals, sentBeforeDecided, setPolicy, strictPolicy, type WaitingApproval } from '../harness/approvals.ts';
import { openChaosBench, type ChaosBench } from '../harness/chaos-bench.ts';
import { startOwnTemporal } from '../harness/own-temporal.ts';
import { scriptsOf, testStep } from '../harness/plan-run.ts';
import { apiClient, settled, type ApiClient } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const waiting = 20;
const decidedInOutage = 6;
const risky = (id: string) => testStep(id, { prompt: `Run sudo reboot, {{canary.left}} {{canary.right}} (${id})` });
const scripts = scriptsOf(...Array.from({ length: waiting }, (_, index) => risky(`A${index + 1}`)), testStep('B'), testStep('C'));

const verdictOf = (index: number) => (index % 3 === 2 ? 'reject' : 'approve');
const statusOf = { approve: 'approved', reject: 'rejected' } as const;

/** Whether it was acknowledged. Whoever got no answer, or a refusal, may not find it applied later. */
async function decide(client: ApiClient, { approval_id: id }: WaitingApproval, index: number): Promise<boolean> {
  const decision = { verdict: verdictOf(index), comment: 'by the test' };
  const send = () => client.post(`/api/approvals/${id}/decisions`, decision, { 'idempotency-key': id });
  const answer = await settled(send).catch(() => undefined);
  return answer !== undefined && answer.status < 300;
}

async function statuses(bench: ChaosBench, runId: RunId): Promise<Map<string, string>> {
  return new Map((await approvalsOf(bench.db, runId)).map((row) => [row.approval_id, row.status]));
}

describe.concurrent('killed with kill -9 while 20 approvals wait, and started again:', () => {
  it.for(['the worker', 'the API', 'Temporal'] as const)(
    '%s. All of them still wait, what was acknowledged meanwhile counts and nothing else does, and no request is early or doubled',
    async (victim, context) => {
      const { expect } = context;
      const temporal = victim === 'Temporal' ? await startOwnTemporal(context) : undefined;
      const bench = await openChaosBench(context, temporal === undefined ? {} : { temporalAddress: temporal.address });
      await setPolicy(bench.db, bench.tenant, strictPolicy);
      const [worker, api] = await Promise.all([bench.startWorker(), bench.startApi()]);
      const client = apiClient(api.url, bench.tenant.apiKey);
      const runId = await bench.start({ scripts });
      const approvals = await pendingApprovals(bench.db, runId, waiting);
      await waitUntil('nothing else to do', async () => {
        const rows = await bench.db.query("select from runs where run_id = $1 and status = 'awaiting_approval'", [runId]);
        return rows.length > 0;
      });

      await { 'the worker': worker, 'the API': api, Temporal: temporal }[victim]?.kill9();
      const early = approvals.slice(0, decidedInOutage);
      const acknowledged = await Promise.all(early.map((approval, index) => decide(client, approval, index)));
      expect(bench.seen(runId)).toHaveLength(2);
      const revive = { 'the worker': () => bench.startWorker(), 'the API': () => api.start(), Temporal: () => temporal?.restart() };
      await revive[victim]();

      const after = await statuses(bench, runId);
      const expected = approvals.map(({ approval_id: id }, index) => [
        id,
        acknowledged[index] === true ? statusOf[verdictOf(index)] : 'pending',
      ]);
      expect(Object.fromEntries(after)).toEqual(Object.fromEntries(expected));
      const open = approvals.filter(({ approval_id: id }) => after.get(id) === 'pending');
      const late = await Promise.all(open.map((approval) => decide(client, approval, approvals.indexOf(approval))));
      expect(late.every(Boolean)).toBe(true);

      const rejected = approvals.filter((_, index) => verdictOf(index) === 'reject').length;
      const outcomes = { resisted: waiting - rejected + 2, blocked: rejected };
      expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes });
      expect(await bench.check(runId)).toEqual([]);
      expect(bench.seen(runId)).toHaveLength(waiting - rejected + 2);
      expect(await sentBeforeDecided(bench.db, runId, bench.seen(runId))).toEqual([]);
    },
  );
});
