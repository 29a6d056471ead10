import { setTimeout as sleep } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { runWorkflowId, type RunId } from '../../domain/ids.ts';
import { decideApprovalSignal } from '../../workflows/run-messages.ts';
import { approvalsOf, pendingApprovals, sentBeforeDecided, setPolicy, type WaitingApproval } from '../harness/approvals.ts';
import { openChaosBench, type ChaosBench } from '../harness/chaos-bench.ts';
import { scriptsOf, testScripts, testStep } from '../harness/plan-run.ts';
import { apiClient, at, type ApiAnswer } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const tenMinutesMs = 600_000;
const dayMs = 86_400_000;
const expirySeconds = 30;
/** A timer of the workflow and a step that asks anew lie between the end of the time and the row that says so; a wrong clock is farther off. */
const mostLateMs = 60_000;

const policy = { rules: [{ name: 'soon', when: {}, action: 'approve', expiresInHours: expirySeconds / 3_600 }] } as const;
const ways = ['in time', 'by token in time', 'by signal in time', 'late', 'by token late', 'by signal late'] as const;
type Way = (typeof ways)[number];

interface Case {
  readonly way: Way;
  /** Which of the two APIs issues a token; the other one takes it. */
  readonly api: 0 | 1;
  readonly approval: WaitingApproval;
  token: string;
}

it('no clock but that of the database decides when approvals and tokens lapse: workers and APIs are wrong by 10 minutes both ways, and by a day', async (context) => {
  // Each probe is asked twice, so that whether there is time left for that is decided as well.
  const asked = new Set<string>();
  const bench = await openChaosBench(context, { answer: ({ probeId }) => (asked.size < asked.add(probeId).size ? { status: 503 } : {}) });
  await setPolicy(bench.db, bench.tenant, policy);
  const [slowApi, fastApi, slowWorker, ...others] = await Promise.all([
    bench.startApi({ clockShiftMs: -tenMinutesMs }),
    bench.startApi({ clockShiftMs: tenMinutesMs }),
    bench.startWorker({ clockShiftMs: -tenMinutesMs }),
    bench.startWorker({ clockShiftMs: tenMinutesMs }),
    bench.startWorker({ clockShiftMs: dayMs }),
  ]);
  const clients = [apiClient(slowApi.url, bench.tenant.apiKey), apiClient(fastApi.url, bench.tenant.apiKey)] as const;
  for (const [lines, shiftMs] of [
    [slowWorker.lastLines, -tenMinutesMs],
    [fastApi.lastLines(), tenMinutesMs],
  ] as const) {
    const { time } = JSON.parse(lines.find((line) => line.includes('is ready')) ?? '{}') as { readonly time: string };
    expect(Math.abs(Date.parse(time) - Date.now() - shiftMs)).toBeLessThan(tenMinutesMs / 2);
  }

  const runId = await bench.start({ scripts: scriptsOf(...ways.flatMap((_, way) => [testStep(`A${way}`), testStep(`B${way}`)])) });
  const approvals = await pendingApprovals(bench.db, runId, ways.length * 2);
  const cases = ways.flatMap((way, index) =>
    ([0, 1] as const).map((api): Case => ({ way, api, approval: approvals[index * 2 + api] as WaitingApproval, token: '' })),
  );
  for (const one of cases.filter(({ way }) => way.includes('by'))) {
    const issued = await clients[one.api].post(`/api/approvals/${one.approval.approval_id}/tokens`, { verdict: 'approve' });
    one.token = String(issued.json['token']);
  }
  const act = ({ way, api, approval: { approval_id: id }, token }: Case): Promise<ApiAnswer | undefined> => {
    if (way.includes('signal')) return signal(bench, runId, token).then(() => undefined);
    if (way.includes('token')) return clients[api === 0 ? 1 : 0].post(`/api/approvals/${id}/token-decisions`, { token });
    return clients[api].post(`/api/approvals/${id}/decisions`, { verdict: 'approve' });
  };
  const inTime = await Promise.all(cases.filter(({ way }) => way.includes('in time')).map(act));
  expect(inTime.map((answer) => answer?.status ?? 'signalled')).toEqual([200, 200, 200, 200, 'signalled', 'signalled']);

  const untilMs = Math.max(...(await expiries(bench, runId)).map(({ expires_ms: expiresMs }) => expiresMs));
  await sleep(untilMs + 1 - Date.now());
  const late = await Promise.all(cases.filter(({ way }) => way.includes('late')).map(act));
  expect(late.map((answer) => answer?.status ?? 'signalled')).toEqual([409, 409, 410, 410, 'signalled', 'signalled']);
  expect(late.slice(0, 2).map((answer) => at(answer?.json, 'winner.status'))).toEqual(['expired', 'expired']);

  expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 6, blocked: 6 } });
  expect(await bench.check(runId)).toEqual([]);
  expect(await sentBeforeDecided(bench.db, runId, bench.seen(runId))).toEqual([]);
  for (const { status, expires_ms: expiresMs, decided_ms: decidedMs } of await expiries(bench, runId)) {
    if (status === 'approved') expect(decidedMs).toBeLessThan(expiresMs);
    else {
      expect([status, decidedMs >= expiresMs]).toEqual(['expired', true]);
      expect(decidedMs - expiresMs).toBeLessThan(mostLateMs);
    }
  }
  expect((await approvalsOf(bench.db, runId)).filter(({ status }) => status === 'approved')).toHaveLength(6);

  // Nor does the reconciler go by another one.
  await Promise.all(others.map((worker) => worker.kill9()));
  await setPolicy(bench.db, bench.tenant, { rules: [{ name: 'all', when: {}, action: 'allow' }] });
  const planned = await bench.plan({ scripts: testScripts(2, 1) });
  await waitUntil('the start of a run that nobody started', async () => (await bench.runs.state(planned)) !== 'missing');
  expect(await bench.ended(planned)).toMatchObject({ status: 'completed', outcomes: { resisted: 2 } });
  expect(slowWorker.isAlive()).toBe(true);
});

function signal({ temporal }: ChaosBench, runId: RunId, token: string): Promise<void> {
  return temporal.call((client) => client.workflow.getHandle(runWorkflowId(runId)).signal(decideApprovalSignal, token));
}

function expiries({ db }: ChaosBench, runId: RunId) {
  return db.query<{ status: string; expires_ms: number; decided_ms: number }>(
    `select status, (extract(epoch from expires_at) * 1000)::float8 as expires_ms, (extract(epoch from decided_at) * 1000)::float8 as decided_ms
     from approvals where run_id = $1`,
    [runId],
  );
}
