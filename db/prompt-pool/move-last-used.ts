import { sql, type RawBuilder } from 'kysely';

/**
 * Moves `last_used_at` of the rows of a common table expression with all columns of the pool, which the statement holds locked.
 *
 * Every row is there, so nothing is ever inserted: the conflict finds each one by its key. An UPDATE with a join is planned, as
 * long as there are no statistics, as a look at every pool of the organization.
 */
export function moveLastUsed(held: RawBuilder<unknown>) {
  return sql`
      insert into prompt_pool
        (org_id, goal_digest, style, prompt_digest, prompt_no, script_slug, step_id, prompt, source, seed, last_used_at)
      select org_id, goal_digest, style, prompt_digest, prompt_no, script_slug, step_id, prompt, source, seed, (select clock_timestamp())
      from ${held}
      on conflict (org_id, goal_digest, style, prompt_digest) do update set last_used_at = excluded.last_used_at`;
}
