import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import { sha256Hex } from '../../runtime/sha256.ts';
import type { OrgTransaction } from '../with-org.ts';
import { moveLastUsed } from './move-last-used.ts';
import { poolKey, type ChosenPrompts, type PoolPrompt, type PromptWant } from './pool-prompt.ts';

/**
 * Takes up to `count` prompts of each pool, the least recently used first, and moves their `last_used_at`. What `chosen`
 * holds already is not taken again, and does not count.
 *
 * Rows that another planner holds are passed over and never waited for, so that no two planners have the same row at the
 * same time and none can deadlock. A row that was used after this statement began is passed over as well: `seen` is the
 * row as the order was made from it, and PostgreSQL checks the condition again once it has the lock on the newest version.
 */
export async function takePrompts(tx: OrgTransaction, orgId: OrgId, { wants, chosen }: Taking): Promise<void> {
  const wanted = wants.map((want) => ({
    goal: want.goal.digest,
    style: want.style,
    count: want.count,
    taken: (chosen.get(poolKey(want)) ?? []).map(({ prompt }) => sha256Hex(prompt)),
  }));
  const { rows } = await sql<TakenRow>`
    with wanted as (
      select * from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as w(goal text, style text, count integer, taken text[])
    ), taken as (
      select held.* from wanted cross join lateral (
        select pool.*
        from prompt_pool seen
        join prompt_pool pool using (org_id, goal_digest, style, prompt_digest)
        where seen.org_id = ${orgId} and seen.goal_digest = wanted.goal and seen.style = wanted.style
          and pool.last_used_at is not distinct from seen.last_used_at
          and seen.prompt_digest <> all (wanted.taken)
        order by seen.last_used_at nulls first, seen.prompt_no
        limit wanted.count
        for update of pool skip locked
      ) held
    ), moved as (${moveLastUsed(sql`taken`)})
    select goal_digest || '/' || style as "poolKey", prompt, source, seed from taken order by last_used_at nulls first, prompt_no`.execute(
    tx,
  );
  for (const { poolKey: key, ...prompt } of rows) chosen.set(key, [...(chosen.get(key) ?? []), prompt]);
}

interface Taking {
  readonly wants: readonly PromptWant[];
  /** Added to. */
  readonly chosen: ChosenPrompts;
}

interface TakenRow extends PoolPrompt {
  readonly poolKey: string;
}
