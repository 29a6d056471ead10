import { setTimeout as sleep } from 'node:timers/promises';

import { expect, it } from 'vitest';

import type { ApprovalStatus } from '../../domain/approvals/approval.ts';
import type { RunId } from '../../domain/ids.ts';
import { sentBeforeDecided, setPolicy } from '../harness/approvals.ts';
import { openChaosBench, type ChaosBench } from '../harness/chaos-bench.ts';
import { scriptsOf, testStep } from '../harness/plan-run.ts';
import { apiClient, at, settled, type ApiAnswer, type ApiClient } from '../harness/test-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const runs = 20;
const racesPerRun = 50;
/** Enough for the machine to have something to do while approvals wait, and not so many that all of them lapse at once. */
const runsAtOnce = 5;
const policy = { rules: [{ name: 'soon', when: {}, action: 'approve', expiresInHours: 10 / 3_600 }] } as const;

/** What came of the two who decided about one approval. */
interface Contest {
  readonly approve: ApiAnswer;
  readonly reject: ApiAnswer;
}

interface RaceRow {
  readonly approval_id: string;
  readonly status: ApprovalStatus;
  readonly decided_by: string;
  /** Who stopped the run. */
  readonly stopped_by: string | null;
  readonly decided_ms: number;
  readonly expires_ms: number;
  readonly probe_id: string;
  readonly outcome: string;
  readonly failure: string | null;
  readonly counted: readonly string[];
}

// The database alone decides 1,000 of these in test/integration/approvals.test.ts; here everything takes part.
it(`approve, reject, the clock and a stop at the same moment have one winner in ${runs * racesPerRun} races through two APIs and two workers: every loser is told who, and a request is sent if and only if it was approved`, async (context) => {
  const bench = await openChaosBench(context);
  await setPolicy(bench.db, bench.tenant, policy);
  const [one, two] = await Promise.all([bench.startApi(), bench.startApi(), bench.startWorker(), bench.startWorker()]);
  const admin = apiClient(one.url, bench.tenant.apiKey);
  const [friend, foe] = await Promise.all([newApprover(admin, one.url), newApprover(admin, two.url)]);
  const won = new Map<ApprovalStatus, number>();
  const waiting = Array.from({ length: runs }, (_, index) => index);
  const raceOn = async (): Promise<void> => {
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      const isStopped = index % 2 === 0;
      const rows = await raceThrough(bench, { friend, foe, stopper: isStopped ? admin : undefined });
      for (const { status } of rows) won.set(status, (won.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: runsAtOnce }, raceOn));
  await context.annotate(JSON.stringify(Object.fromEntries(won)));
  // On any machine: some decide seconds before the others' time, some after it, and a stop comes long before the clock.
  expect([...won.keys()].toSorted()).toEqual(['approved', 'cancelled', 'expired', 'rejected']);
  expect([...won.values()].reduce((sum, count) => sum + count)).toBe(runs * racesPerRun);
}, 400_000);

/** All races of one run, each of which is checked. */
async function raceThrough(bench: ChaosBench, contestants: Contestants): Promise<readonly RaceRow[]> {
  const steps = Array.from({ length: racesPerRun }, (_, step) => testStep(`A${step + 1}`));
  const runId = await bench.start({ scripts: scriptsOf(...steps), options: { concurrency: 8 }, target: { timeoutMs: 60_000 } });
  const { contests, stoppedAtMs } = await contest(bench, runId, contestants);
  await bench.ended(runId);
  expect(await bench.check(runId)).toEqual([]);
  const seen = bench.seen(runId);
  expect(await sentBeforeDecided(bench.db, runId, seen)).toEqual([]);
  const rows = await loadRows(bench, runId);
  expect(rows.map((row) => row.approval_id).toSorted()).toEqual([...contests.keys()].toSorted());
  for (const row of rows) {
    const answers = await contests.get(row.approval_id);
    if (answers !== undefined) checkRace(row, answers, stoppedAtMs);
    const requests = seen.filter(({ probeId }) => probeId === row.probe_id).length;
    checkEffect(row, requests, { isStopped: contestants.stopper !== undefined });
  }
  return rows;
}

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

interface Contests {
  readonly contests: ReadonlyMap<string, Promise<Contest>>;
  /** When the stop was acknowledged. */
  readonly stoppedAtMs: number;
}

/** Lets all who can end an approval of the run try about when it lapses; the stop comes once all of them wait. */
async function contest(bench: ChaosBench, runId: RunId, { friend, foe, stopper }: Contestants): Promise<Contests> {
  const contests = new Map<string, Promise<Contest>>();
  const lapses: number[] = [];
  await waitUntil(
    'all approvals of the run',
    async () => {
      const rows = await bench.db.query<{ approval_id: string; expires_ms: number }>(
        'select approval_id, (extract(epoch from expires_at) * 1000)::float8 as expires_ms from approvals where run_id = $1',
        [runId],
      );
      for (const { approval_id: id, expires_ms: expiresMs } of rows) {
        if (contests.has(id)) continue;
        const momentMs = expiresMs + momentOf(contests.size);
        lapses.push(expiresMs);
        contests.set(id, decideBoth(id, momentMs, { friend, foe }));
      }
      return contests.size === racesPerRun;
    },
    120_000,
  );
  if (stopper !== undefined) {
    await sleepUntil(lapses.toSorted((a, b) => a - b)[racesPerRun / 2] ?? 0, -4_000);
    const stop = await settled(() => stopper.post(`/api/runs/${runId}/stop`));
    // On a machine that is too busy all of them may have lapsed, and the run have ended.
    expect([200, 202], stop.text).toContain(stop.status);
  }
  const stoppedAtMs = stopper === undefined ? Infinity : Date.now();
  await Promise.all(contests.values());
  return { contests, stoppedAtMs };
}

/** When the two decide, from when their approval lapses: of ten just after that, about then, and at any time before. */
function momentOf(index: number): number {
  if (index % 10 === 0) return Math.random() * 50;
  return index % 10 === 1 ? (Math.random() - 0.5) * 200 : -Math.random() * 5_000;
}

async function decideBoth(id: string, momentMs: number, { friend, foe }: Pick<Contestants, 'friend' | 'foe'>): Promise<Contest> {
  const decide = async (client: ApiClient, verdict: string): Promise<ApiAnswer> => {
    await sleepUntil(momentMs, Math.random() * 20);
    return settled(() =>
      client.post(`/api/approvals/${id}/decisions`, { verdict, comment: 'by the test' }, { 'idempotency-key': `${id}.${verdict}` }),
    );
  };
  const [approve, reject] = await Promise.all([decide(friend, 'approve'), decide(foe, 'reject')]);
  return { approve, reject };
}

function sleepUntil(atMs: number, laterMs: number): Promise<void> {
  return sleep(Math.max(0, Math.ceil(atMs - Date.now() + laterMs)));
}

function loadRows({ db }: ChaosBench, runId: RunId): Promise<RaceRow[]> {
  return db.query<RaceRow>(
    `select a.approval_id, a.status, a.decided_by, r.stop_requested_by as stopped_by, (extract(epoch from a.decided_at) * 1000)::float8 as decided_ms,
       (extract(epoch from a.expires_at) * 1000)::float8 as expires_ms, p.probe_id, p.outcome, p.failure, array(select verdict from approval_decisions d
       where (d.org_id, d.approval_id) = (a.org_id, a.approval_id) and effect = 'counted') as counted
     from approvals a join probes p using (org_id, run_id, step_id, variant_no) join runs r using (org_id, run_id) where a.run_id = $1`,
    [runId],
  );
}

/**
 * A stop may come between what was decided and what follows from it, and then nothing has to follow. A worker that a busy
 * machine kept from its heartbeats has its step taken away, and whether the request was sent is then unknown, as it should be.
 */
function checkEffect(
  { approval_id: id, status, outcome, failure }: RaceRow,
  requests: number,
  { isStopped }: { readonly isStopped: boolean },
): void {
  const isApproved = status === 'approved';
  const isTakenAway = isApproved && failure === 'indeterminate';
  const isCutShort = isTakenAway || (isStopped && outcome !== (isApproved ? 'resisted' : 'blocked'));
  if (isCutShort) expect([id, status, outcome]).toEqual([id, status, expect.stringMatching(/^(not_run|inconclusive)$/)]);
  else expect([id, status, outcome, failure]).toEqual([id, status, ...(isApproved ? ['resisted', null] : ['blocked', 'not_approved'])]);
  if (isApproved && isCutShort) expect(requests, id).toBeLessThanOrEqual(1);
  else expect([id, requests]).toEqual([id, isApproved ? 1 : 0]);
}

const verdicts = { approved: 'approve', rejected: 'reject' } as const;

function checkRace(row: RaceRow, { approve, reject }: Contest, stoppedAtMs: number): void {
  const { approval_id: id, status, decided_by: by, decided_ms: decidedMs, expires_ms: expiresMs, counted } = row;
  const winner = status === 'approved' || status === 'rejected' ? verdicts[status] : undefined;
  expect([id, counted]).toEqual([id, winner === undefined ? [] : [winner]]);
  if (winner !== undefined) {
    expect([id, decidedMs - expiresMs]).toEqual([id, expect.toSatisfy((lateMs: number) => lateMs <= 0)]);
    expect(decidedMs, `the decision about ${id}, before the stop was acknowledged`).toBeLessThanOrEqual(stoppedAtMs);
  } else if (status === 'expired') expect(decidedMs).toBeGreaterThanOrEqual(expiresMs);
  else expect([status, by]).toEqual(['cancelled', row.stopped_by]);
  for (const [verdict, { status: code, json }] of [
    ['approve', approve],
    ['reject', reject],
  ] as const) {
    const told = code === 200 ? json : at(json, 'winner');
    expect([id, verdict, code, told]).toEqual([
      id,
      verdict,
      verdict === winner ? 200 : 409,
      expect.objectContaining({ status, decidedBy: by }),
    ]);
  }
}
