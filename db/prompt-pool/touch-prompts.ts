import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { moveLastUsed } from './move-last-used.ts';

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
      select row.* from jsonb_to_recordset(${JSON.stringify(places)}::jsonb) as wanted(goal text, style text, digest text)
      cross join lateral (
        select * from prompt_pool
        where org_id = ${orgId} and goal_digest = wanted.goal and prompt_pool.style = wanted.style and prompt_digest = wanted.digest
        for update skip locked
      ) row
    ) ${moveLastUsed(sql`held`)}`.execute(tx);
}
