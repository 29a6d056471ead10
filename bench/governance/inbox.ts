/** `npm run bench:inbox`: pages of an inbox with many pending approvals, in a table that other organizations fill too. */
import { once } from 'node:events';

import { createTarget, createTenant, planRun, scriptsOf, targetAt, testStep, type TestTenant } from '../../test/harness/plan-run.ts';
import { startBenchApi } from '../engine/bench-api.ts';
import { percentile, print, printFigure, printMachine, withBenchStack, type BenchStack } from '../engine/bench-stack.ts';

const organizations = 6;
const pending = 1_000;
/** Approvals that were decided already, in each organization. */
const decided = 4_000;
const rounds = 10;
const barMs = 50;

printMachine();
await withBenchStack(0, async (stack) => {
  for (let other = 1; other < organizations; other += 1) await fill(stack, await createTenant(stack.db.database, `Other ${other}`));
  await fill(stack, stack.tenant);
  await stack.db.query('analyze approvals');
  const api = await startBenchApi(stack);
  try {
    for (const limit of [20, 100]) {
      const { first, later, rows } = await readInbox(stack, api.url, limit);
      if (rows !== pending * rounds) throw new Error(`${rows} rows were listed, not ${pending * rounds}`);
      const all = [...first, ...later];
      print(
        `pages of ${limit}: first page p95 ${percentile(first, 0.95).toFixed(1)} ms, later ones p95 ${percentile(later, 0.95).toFixed(1)} ms`,
      );
      const p95 = percentile(all, 0.95);
      printFigure({ name: `inbox page of ${limit}, p95`, value: p95, unit: 'ms', bar: `<= ${barMs} ms`, isMet: p95 <= barMs });
    }
  } finally {
    api.process.kill('SIGTERM');
    await once(api.process, 'exit');
  }
});

/** Reads the whole inbox page by page, so many times. */
async function readInbox(stack: BenchStack, apiUrl: string, limit: number) {
  const first: number[] = [];
  const later: number[] = [];
  let rows = 0;
  for (let round = 0; round < rounds; round += 1) {
    let cursor: string | null = null;
    do {
      const askedAtMs = performance.now();
      const next: string = cursor === null ? '' : `&cursor=${cursor}`;
      const answer = await fetch(`${apiUrl}/api/approvals?status=pending&limit=${limit}${next}`, {
        headers: { authorization: `Bearer ${stack.tenant.apiKey}` },
      });
      const page = (await answer.json()) as { readonly items: readonly unknown[]; readonly nextCursor: string | null };
      (cursor === null ? first : later).push(performance.now() - askedAtMs);
      rows += page.items.length;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
  return { first, later, rows };
}

/** A run of the organization, which nothing starts, and whose approvals were asked for over some days, with what would be sent: about 4 KB each. */
async function fill({ db, target }: BenchStack, tenant: TestTenant): Promise<void> {
  const definition = targetAt(target.url);
  const targetId = await createTarget(db.database, tenant, definition);
  const runId = await planRun(db.database, { tenant, targetId, definition, scripts: scriptsOf(testStep('A')) });
  await db.query(`update runs set held_until = now() + interval '1 day' where run_id = $1`, [runId]);
  await db.query(
    `insert into approvals (org_id, approval_id, kind, project_id, run_id, step_id, variant_no, conversation_no, exchange_no, payload_hash,
       preview, risk_level, risk, policy, quorum, excluded_members, status, decided_at, decided_by, requested_at, expires_at)
     select p.org_id, 'apv_' || substr(md5(p.org_id || n), 1, 26), 'exchange', $2, p.run_id, p.step_id, p.variant_no, 1, n,
       md5('a' || n) || md5('b' || n),
       jsonb_build_object('kind', 'exchange', 'target', 'agent', 'environment', 'staging', 'script', 'T', 'title', 'Step ' || n,
         'category', 'INJ-01', 'strategy', 'plain', 'method', 'POST', 'url', 'http://agent.example/chat', 'headers', '{}'::jsonb,
         'body', (select string_agg(md5(n || '/' || i), ' ') from generate_series(1, 90) i), 'prompt', null, 'document', null),
       'high', '[]', '{"rule":null,"quorum":1,"expiresInHours":8}', 1, '{}',
       case when n % $4 = 0 then 'pending' else 'approved' end, case when n % $4 = 0 then null else now() end,
       case when n % $4 = 0 then null else 'somebody' end, now() - make_interval(mins => n), now() + interval '8 hours'
     from probes p, generate_series(1, $3) n where p.run_id = $1`,
    [runId, tenant.projectId, pending + decided, (pending + decided) / pending],
  );
}
