import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { optionsOf } from './options-columns.ts';

/**
 * Takes the turn of a run for one more request, or tells for how many milliseconds there is none. Turns follow each other
 * as evenly as the rate of the run says, whichever workers take them; a run without rate always has one.
 */
export async function takeTurn(tx: OrgTransaction, { orgId, runId }: { readonly orgId: OrgId; readonly runId: RunId }): Promise<number> {
  const run = await tx
    .selectFrom('runs')
    .select(['options', 'adjustments'])
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow();
  const perMinute = optionsOf(run).maxRequestsPerMinute;
  if (perMinute === null) return 0;
  // Not now(): the time at which the transaction began is before that at which another one took its turn.
  const nextAt = sql<Date>`clock_timestamp() + make_interval(secs => ${60 / perMinute}::float8)`;
  const taken = await tx
    .insertInto('run_paces')
    .values({ org_id: orgId, run_id: runId, next_at: nextAt })
    .onConflict((conflict) =>
      conflict
        .columns(['org_id', 'run_id'])
        .doUpdateSet({ next_at: nextAt })
        .where('run_paces.next_at', '<=', sql<Date>`clock_timestamp()`),
    )
    .returning('run_id')
    .executeTakeFirst();
  if (taken !== undefined) return 0;
  const pace = await tx
    .selectFrom('run_paces')
    .select(sql<number>`(extract(epoch from next_at - clock_timestamp()) * 1000)::float8`.as('wait_ms'))
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow();
  return Math.max(1, Math.ceil(pace.wait_ms));
}
