import { sql } from 'kysely';

import { planHash } from '../../domain/generation/plan-hash.ts';
import type { GenerationSummary } from '../../domain/generation/variety.ts';
import { holdHours } from '../../domain/held-run.ts';
import type { OrgId, ProbeId, ProjectId, RunId, TargetId } from '../../domain/ids.ts';
import type { GuardSnapshot } from '../../domain/production-guard.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import type { RunPriority } from '../../domain/run-priority.ts';
import type { TargetDefinition } from '../../domain/target.ts';
import { sha256Hex } from '../../runtime/sha256.ts';
import { admitRun } from '../usage/admit-run.ts';
import type { OrgTransaction } from '../with-org.ts';
import { appendToFeed } from './append-to-feed.ts';
import type { PlannedProbe, ScriptSummary } from './plan-probes.ts';

/** What is known of a run before its plan. */
export interface RunFacts {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly projectId: ProjectId;
  readonly target: { readonly targetId: TargetId; readonly name: string; readonly definition: TargetDefinition };
  readonly strategies: readonly string[];
  readonly options: RunOptions;
  readonly priority: RunPriority;
  /** Under which confirmations it was started. */
  readonly guard: GuardSnapshot;
  /** The principal that asked for the run. */
  readonly requestedBy: string;
  /** The run whose undecided probes it takes up. */
  readonly retryOf?: RunId;
  /** It is planned, and not to start before it is executed. */
  readonly isHeld?: boolean;
}

/** A planned probe as a row; `retryOf` is the probe that it takes up. */
export interface ProbeToStore extends PlannedProbe {
  readonly probeId: ProbeId;
  readonly retryOf?: ProbeId | null;
}

/** Rows a statement: well below PostgreSQL's limit of 65,535 parameters, and cheap to plan. */
export const probesPerStatement = 500;

/** Begins the plan of a run: its row, without the plan hash, which `closePlan` sets in the same transaction. */
export async function beginPlan(tx: OrgTransaction, run: RunFacts, scripts: readonly ScriptSummary[]): Promise<void> {
  await tx
    .insertInto('runs')
    .values({
      org_id: run.orgId,
      run_id: run.runId,
      project_id: run.projectId,
      target_id: run.target.targetId,
      target_name: run.target.name,
      target_definition: JSON.stringify(run.target.definition),
      scripts: JSON.stringify(scripts),
      strategies: JSON.stringify(run.strategies),
      options: JSON.stringify(run.options),
      priority: run.priority,
      guard: JSON.stringify(run.guard),
      plan_hash: '',
      requested_by: run.requestedBy,
      retry_of: run.retryOf ?? null,
      held_until: run.isHeld === true ? sql<Date>`now() + make_interval(hours => ${holdHours})` : null,
    })
    .execute();
  await tx.insertInto('run_feed_heads').values({ org_id: run.orgId, run_id: run.runId }).execute();
}

/** Adds probes to the plan: one statement with a JSON parameter for every 500 of them. */
export async function insertProbes(tx: OrgTransaction, run: RunFacts, probes: readonly ProbeToStore[]): Promise<void> {
  for (let start = 0; start < probes.length; start += probesPerStatement) {
    const rows = probes.slice(start, start + probesPerStatement);
    await sql`
      insert into probes (org_id, run_id, step_id, variant_no, strategy, style, prompt_variant, prompt_source, seed, probe_id, script_slug,
        sequence_no, position, step, retry_of)
      select ${run.orgId}, ${run.runId}, p."stepId", p."variantNo", p.strategy, p.style, p."promptVariant", p."promptSource", p.seed,
        p."probeId", p."scriptSlug", p."sequenceNo", p.position, p.step, p."retryOf"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as p("stepId" text, "variantNo" integer, strategy text, style text, "promptVariant" integer, "promptSource" text, seed text,
          "probeId" text, "scriptSlug" text, "sequenceNo" integer, position integer, step jsonb, "retryOf" text)`.execute(tx);
  }
}

/**
 * Fixes the plan by its hash, over the hashes of its rows in their order, and counts the run. Throws `quota_exceeded` when
 * the organization has no room for one more.
 */
export async function closePlan(
  tx: OrgTransaction,
  run: RunFacts,
  plan: { readonly rowHashes: readonly string[]; readonly generation: GenerationSummary },
): Promise<void> {
  const { rowHashes, generation } = plan;
  await tx
    .updateTable('runs')
    .set({ plan_hash: planHash(rowHashes, sha256Hex), generation: JSON.stringify(generation) })
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .execute();
  await appendToFeed(tx, run, { type: 'run_queued', data: { probes: rowHashes.length } });
  await admitRun(tx, run);
}

/** Who wrote a prompt, by its source: `script`, `engine/1` or `model/NAME`. */
export function authorOf(promptSource: string): keyof GenerationSummary['prompts'] {
  if (promptSource === 'script') return 'script';
  return promptSource.startsWith('model/') ? 'model' : 'engine';
}
