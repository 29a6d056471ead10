import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { poolKey, type PromptWant } from './pool-prompt.ts';

export interface PoolContents {
  readonly promptDigests: ReadonlySet<string>;
  /** The highest `prompt_no` there is. */
  readonly lastNo: number;
}

/** What these pools hold, used or not, by key. A pool without a row is not in the answer. */
export async function loadPoolContents(
  tx: OrgTransaction,
  orgId: OrgId,
  pools: readonly Pick<PromptWant, 'goal' | 'style'>[],
): Promise<Map<string, PoolContents>> {
  const wanted = pools.map((pool) => ({ key: poolKey(pool), goal: pool.goal.digest, style: pool.style }));
  const { rows } = await sql<{ key: string; digests: string[]; lastNo: number }>`
    select wanted.key, held.digests, held."lastNo"
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as wanted(key text, goal text, style text)
    cross join lateral (
      select array_agg(prompt_digest) as digests, max(prompt_no) as "lastNo" from prompt_pool
      where org_id = ${orgId} and goal_digest = wanted.goal and prompt_pool.style = wanted.style
    ) held
    where held.digests is not null`.execute(tx);
  return new Map(rows.map(({ key, digests, lastNo }) => [key, { promptDigests: new Set(digests), lastNo }]));
}
