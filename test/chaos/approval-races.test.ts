import { setTimeout as sleep } from 'node:timers/promises';

import { expect, it } from 'vitest';

import type { ApprovalStatus } from '../../domain/approvals/approval.ts';
import type { RunId } from '../../domain/ids.ts';
import { sentBeforeDecided, setPolicy } from '../harness/approvals.ts';
import { openChaosBench, type ChaosBench } from '../harness/chaos-bench.ts';
import { scriptsOf, testStep } from '../harness/plan-run.ts';
import { apiClient, at, type ApiAnswer, type ApiClient } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const runs = 4;
const racesPerRun = 60;
const policy = { rules: [{ name: 'soon', when: {}, action: 'approve', expiresInHours: 12 / 3_600 }] } as const;

/** What came of the two who decided about one approval. */
interface Contest {
  readonly approve: ApiAnswer;
  readonly reject: ApiAnswer;
}

interface RaceRow {
  readonly approval_id: string;
  readonly status: ApprovalStatus;
  readonly probe_id: string;
  readonly counted: readonly string[];
}

// The database alone decides 1,000 of these in test/integration/approvals.test.ts; here everything takes part.
it(`approve, reject, the clock and a stop at the same moment have one winner in ${runs * racesPerRun} races through two APIs and two workers: every loser is told who, and a request is sent if and only if it was approved`, async (context) => {
  const bench = await openChaosBench(context);
  await setPolicy(bench.db, bench.tenant, policy);
  const [one, two] = await Promise.all([bench.startApi(), bench.startApi(), bench.startWorker(), bench.startWorker()]);
  const admin = apiClient(one.url, bench.tenant.apiKey);
  const [friend, foe] = await Promise.all([newApprover(admin, one.url), newApprover(admin, two.url)]);
  const won = new Map<string, number>();
  await Promise.all(
    Array.from({ length: runs }, async (_, index) => {
      const isStopped = index % 2 === 0;
      const steps = Array.from({ length: racesPerRun }, (__, step) => testStep(`A${step + 1}`));
      const runId = await bench.start({ scripts: scriptsOf(...steps), options: { concurrency: 8 } });
      const contests = await contest(bench, runId, { friend, foe, stopper: isStopped ? admin : undefined });
      await bench.ended(runId);
      expect(await bench.check(runId)).toEqual([]);
      expect(await sentBeforeDecided(bench.db, runId, bench.seen(runId))).toEqual([]);
      for (const row of await loadRows(bench, runId)) {
        checkRace(row, contests.get(row.approval_id));
        won.set(row.status, (won.get(row.status) ?? 0) + 1);
        const requests = bench.seen(runId).filter(({ probeId }) => probeId === row.probe_id).length;
        // A stop may come between the approval and the request.
        if (isStopped && row.status === 'approved') expect(requests).toBeLessThanOrEqual(1);
        else expect([row.approval_id, requests]).toEqual([row.approval_id, row.status === 'approved' ? 1 : 0]);
      }
    }),
  );
  // Which of the four is too quick for the others is the machine's; that each can win is shown where the database decides alone.
  expect(won.size).toBeGreaterThanOrEqual(3);
  await context.annotate(JSON.stringify(Object.fromEntries(won)));
});

async function newApprover(admin: ApiClient, url: string): Promise<ApiClient> {
  const member = await admin.post('/api/members', { name: 'An approver', role: 'approver' });
  const key = await admin.post('/api/api-keys', { memberId: member.json['memberId'], name: 'key', role: 'approver' });
  return apiClient(url, String(key.json['apiKey']));
}

interface Contestants {
  readonly friend: ApiClient;
  readonly foe: ApiClient;
  /** Stops the run in the middle of it. */
  readonly stopper: ApiClient | undefined;
}

/** Lets all who can end an approval of the run try about when it lapses, each at a moment of its own. */
async function contest(bench: ChaosBench, runId: RunId, { friend, foe, stopper }: Contestants): Promise<Map<string, Contest>> {
  const contests = new Map<string, Promise<Contest>>();
  let stop: Promise<unknown> | undefined;
  await waitUntil('all approvals of the run', async () => {
    const rows = await bench.db.query<{ approval_id: string; expires_ms: number }>(
      'select approval_id, (extract(epoch from expires_at) * 1000)::float8 as expires_ms from approvals where run_id = $1',
      [runId],
    );
    for (const { approval_id: id, expires_ms: expiresMs } of rows) {
      if (contests.has(id)) continue;
      const decide = async (client: ApiClient, verdict: string): Promise<ApiAnswer> => {
        await sleep(Math.max(0, expiresMs - Date.now() - 6_000 + Math.random() * 6_100));
        return settle(() =>
          client.post(`/api/approvals/${id}/decisions`, { verdict, comment: 'by the test' }, { 'idempotency-key': `${id}.${verdict}` }),
        );
      };
      const both = Promise.all([decide(friend, 'approve'), decide(foe, 'reject')]);
      contests.set(
        id,
        both.then(([approve, reject]) => ({ approve, reject })),
      );
      if (contests.size === racesPerRun / 2) {
        const afterMs = expiresMs - Date.now() - 4_000;
        stop ??= sleep(Math.max(0, afterMs)).then(async () =>
          expect((await stopper?.post(`/api/runs/${runId}/stop`))?.status ?? 202).toBeLessThan(300),
        );
      }
    }
    const [ended] = await bench.db.query('select from runs where run_id = $1 and ended_at is not null', [runId]);
    return contests.size === racesPerRun || ended !== undefined;
  });
  await stop;
  return new Map(await Promise.all([...contests].map(async ([id, both]) => [id, await both] as const)));
}

/**
 * The answer to a request that may be sent again under its key, as a client would: a busy machine refuses for the time
 * being, and a connection that was idle may be closed just when it is used.
 */
async function settle(send: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
  for (let attempt = 1; attempt < 50; attempt += 1) {
    const answer = await send().catch(() => undefined);
    if (answer !== undefined && answer.status !== 503) return answer;
    await sleep(100);
  }
  return send();
}

function loadRows({ db }: ChaosBench, runId: RunId): Promise<RaceRow[]> {
  return db.query<RaceRow>(
    `select a.approval_id, a.status, p.probe_id, array(select verdict from approval_decisions d
       where (d.org_id, d.approval_id) = (a.org_id, a.approval_id) and effect = 'counted') as counted
     from approvals a join probes p using (org_id, run_id, step_id, variant_no) where a.run_id = $1`,
    [runId],
  );
}

const verdicts = { approved: 'approve', rejected: 'reject' } as const;

function checkRace({ approval_id: id, status, counted }: RaceRow, contest: Contest | undefined): void {
  const winner = status === 'approved' || status === 'rejected' ? verdicts[status] : undefined;
  expect([id, counted]).toEqual([id, winner === undefined ? [] : [winner]]);
  if (contest === undefined) return expect(status).toBe('cancelled');
  for (const verdict of ['approve', 'reject'] as const) {
    const { status: code, json } = contest[verdict];
    const told = code === 200 ? json['status'] : at(json, 'winner.status');
    expect([id, verdict, code, told]).toEqual([id, verdict, verdict === winner ? 200 : 409, status]);
  }
}
