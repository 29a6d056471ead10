import { sql } from 'kysely';

import { isTerminal, type RunStatus } from '../../domain/run-state.ts';
import type { RunEnding } from '../../domain/run-ending.ts';
import { appendToFeed } from '../runs/append-to-feed.ts';
import { optionsOf } from '../runs/options-columns.ts';
import { resolveEnding } from '../runs/resolve-ending.ts';
import type { OrgTransaction } from '../with-org.ts';
import { skipCleanups } from './skip-cleanups.ts';
import type { RunKey } from '../runs/step-key.ts';

/**
 * Shuts the ledger of the probes for good, fixes why the run ended, and puts the cleanups of what was sent in their order.
 * Returns how many wait for their turn. Doing it again changes nothing; a run that has ended has none.
 */
export async function beginCleanup(tx: OrgTransaction, { orgId, runId }: RunKey, ending: RunEnding): Promise<number> {
  const run = await tx
    .selectFrom('runs')
    .select(['status', 'options', 'adjustments', 'cleanup_begun_at', 'cleanup_stop_requested_at', 'stop_requested_by', 'quota_crossed'])
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (isTerminal(run.status as RunStatus)) return 0;
  if (run.cleanup_begun_at !== null) return countPending(tx, { orgId, runId });
  const { maxCleanupMinutes } = optionsOf(run);
  await tx
    .updateTable('runs')
    .set({
      cleanup_begun_at: sql<Date>`now()`,
      cleanup_deadline_at: sql<Date>`now() + make_interval(secs => ${maxCleanupMinutes * 60}::float8)`,
      cleanup_ending: JSON.stringify(resolveEnding(ending, run)),
    })
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .execute();
  const pending = await orderCleanups(tx, { orgId, runId });
  if (pending > 0) await appendToFeed(tx, { orgId, runId }, { type: 'cleanup_begun', data: { cleanups: pending } });
  if (run.cleanup_stop_requested_at === null) return pending;
  await skipCleanups(tx, { orgId, runId }, 'cleanup_stopped');
  return 0;
}

/**
 * Lets cleanups wait for their turn, that of the step sent last first; those of which nothing was sent are not needed. A request
 * whose end is unknown counts as sent.
 */
export async function orderCleanups(tx: OrgTransaction, { orgId, runId }: RunKey): Promise<number> {
  const ordered = await sql`
    update cleanups c set state = 'pending', order_no = sent.order_no
    from (
      select k.cleanup_id, row_number() over (order by min(a.opened_at) desc, k.cleanup_id desc) as order_no
      from cleanups k join attempts a on a.org_id = k.org_id and a.cleanup_id = k.cleanup_id
      where k.org_id = ${orgId} and k.run_id = ${runId} and k.state = 'armed' and a.was_sent is distinct from false
      group by k.cleanup_id
    ) sent
    where c.org_id = ${orgId} and c.cleanup_id = sent.cleanup_id`.execute(tx);
  await tx
    .updateTable('cleanups')
    .set({ state: 'not_needed', settled_at: sql<Date>`now()` })
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('state', '=', 'armed')
    .execute();
  return Number(ordered.numAffectedRows ?? 0n);
}

async function countPending(tx: OrgTransaction, { orgId, runId }: RunKey): Promise<number> {
  const { count } = await tx
    .selectFrom('cleanups')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow();
  return count;
}
