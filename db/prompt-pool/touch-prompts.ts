import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface PoolPlace {
  readonly goal: string;
  readonly style: string;
  readonly digest: string;
}

/**
 * Moves `last_used_at` of these prompts. One that another planner holds at the moment is passed over: that planner moves
 * it, and waiting for it could end in a deadlock.
 */
export async function touchPrompts(tx: OrgTransaction, orgId: OrgId, places: readonly PoolPlace[]): Promise<void> {
  await sql`
    with held as (
      select pool.goal_digest, pool.style, pool.prompt_digest
      from jsonb_to_recordset(${JSON.stringify(places)}::jsonb) as place(goal text, style text, digest text)
      join prompt_pool pool
        on pool.org_id = ${orgId} and pool.goal_digest = place.goal and pool.style = place.style and pool.prompt_digest = place.digest
      for update of pool skip locked
    )
    update prompt_pool set last_used_at = clock_timestamp()
    from held
    where prompt_pool.org_id = ${orgId} and prompt_pool.goal_digest = held.goal_digest and prompt_pool.style = held.style
      and prompt_pool.prompt_digest = held.prompt_digest`.execute(tx);
}
