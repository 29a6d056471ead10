import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import { sha256Hex } from '../../runtime/sha256.ts';
import type { OrgTransaction } from '../with-org.ts';
import type { PoolPrompt, PromptGoal } from './pool-prompt.ts';

export interface NewPoolPrompt extends PoolPrompt {
  readonly goal: PromptGoal;
  readonly style: string;
  readonly promptNo: number;
  /** True for one that the run takes which is being planned. */
  readonly isUsed: boolean;
}

const rowsPerStatement = 1_000;

/** Adds prompts to their pools. The caller holds `lockPromptPools`; what is there already stays as it is. */
export async function insertPrompts(tx: OrgTransaction, orgId: OrgId, prompts: readonly NewPoolPrompt[]): Promise<void> {
  for (let start = 0; start < prompts.length; start += rowsPerStatement) {
    const rows = prompts.slice(start, start + rowsPerStatement).map(({ goal, style, promptNo, isUsed, prompt, source, seed }) => ({
      goal: goal.digest,
      style,
      digest: sha256Hex(prompt),
      no: promptNo,
      slug: goal.scriptSlug,
      step: goal.stepId,
      prompt,
      source,
      seed,
      used: isUsed,
    }));
    await sql`
      insert into prompt_pool
        (org_id, goal_digest, style, prompt_digest, prompt_no, script_slug, step_id, prompt, source, seed, last_used_at)
      select ${orgId}, p.goal, p.style, p.digest, p.no, p.slug, p.step, p.prompt, p.source, p.seed, case when p.used then clock_timestamp() end
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as p(goal text, style text, digest text, no integer, slug text, step text,
        prompt text, source text, seed text, used boolean)
      on conflict do nothing`.execute(tx);
  }
}
