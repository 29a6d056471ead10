import { sql } from 'kysely';

import type { OrgId, ProbeId, RunId } from '../../domain/ids.ts';
import type { StepDefinition } from '../../domain/script.ts';
import type { OrgTransaction } from '../with-org.ts';
import { stepDigest, type PlannedProbe, type ScriptSummary } from './plan-probes.ts';

export interface PlanPage {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly after: { readonly sequenceNo: number; readonly position: number } | undefined;
  readonly rows: number;
}

export interface StoredProbe extends PlannedProbe {
  readonly probeId: ProbeId;
}

/** Rows of a plan, in order. Their digests are made from what is stored, so that a changed row shows. */
export async function listPlan(tx: OrgTransaction, { orgId, runId, after, rows: limit }: PlanPage): Promise<StoredProbe[]> {
  const versions = await loadVersions(tx, orgId, runId);
  let query = tx
    .selectFrom('probes')
    .select(['probe_id', 'sequence_no', 'position', 'script_slug', 'step_id', 'variant_no'])
    .select(['style', 'prompt_variant', 'strategy', 'prompt_source', 'seed', 'step'])
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId);
  if (after !== undefined) query = query.where(sql<boolean>`(sequence_no, position) > (${after.sequenceNo}::int, ${after.position}::int)`);
  const rows = await query.orderBy('sequence_no').orderBy('position').limit(limit).execute();
  return rows.map((row) => {
    const step = row.step as unknown as StepDefinition;
    return {
      probeId: row.probe_id as ProbeId,
      sequenceNo: row.sequence_no,
      position: row.position,
      scriptSlug: row.script_slug,
      scriptVersion: versions.get(row.script_slug) ?? 0,
      stepId: row.step_id,
      variantNo: row.variant_no,
      style: row.style,
      promptVariant: row.prompt_variant,
      strategy: row.strategy,
      promptSource: row.prompt_source,
      seed: row.seed,
      stepDigest: stepDigest(step),
      step,
    };
  });
}

const probesPerRead = 500;

/** The whole plan of a run, in order; read in parts, so that a large one is never in memory as a whole. */
export async function* readWholePlan(tx: OrgTransaction, run: Pick<PlanPage, 'orgId' | 'runId'>): AsyncGenerator<StoredProbe> {
  for (let after: PlanPage['after']; ;) {
    const probes = await listPlan(tx, { ...run, after, rows: probesPerRead });
    yield* probes;
    after = probes.at(-1);
    if (after === undefined || probes.length < probesPerRead) return;
  }
}

async function loadVersions(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<ReadonlyMap<string, number>> {
  const row = await tx
    .selectFrom('runs')
    .select('scripts')
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow();
  return new Map((row.scripts as unknown as ScriptSummary[]).map(({ slug, version }) => [slug, version]));
}
