import { sql } from 'kysely';

import type { Probe } from '../../contracts/probe.ts';
import type { OrgId, ProbeId, RunId } from '../../domain/ids.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { StepDefinition } from '../../domain/script.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface ProbeKey {
  readonly sequenceNo: number;
  readonly position: number;
}

export interface ProbePage {
  readonly runId: RunId;
  readonly outcome?: Outcome | undefined;
  readonly after: ProbeKey | undefined;
  readonly rows: number;
}

/** Probes of a run in the order of its plan. */
export async function listProbes(tx: OrgTransaction, orgId: OrgId, page: ProbePage): Promise<(Probe & ProbeKey)[]> {
  let query = selectProbes(tx, orgId).where('probes.run_id', '=', page.runId);
  if (page.outcome !== undefined) query = query.where('probes.outcome', '=', page.outcome);
  if (page.after !== undefined) {
    query = query.where(sql<boolean>`(probes.sequence_no, probes.position) > (${page.after.sequenceNo}::int, ${page.after.position}::int)`);
  }
  const rows = await query.orderBy('probes.sequence_no').orderBy('probes.position').limit(page.rows).execute();
  return rows.map((row) => ({ ...toProbe(row), attempts: row.attempts, sequenceNo: row.sequence_no, position: row.position }));
}

export function selectProbes(tx: OrgTransaction, orgId: OrgId) {
  return tx
    .selectFrom('probes')
    .select([
      'probes.probe_id',
      'probes.run_id',
      'probes.script_slug',
      'probes.step_id',
      'probes.variant_no',
      'probes.style',
      'probes.prompt_variant',
      'probes.strategy',
      'probes.step',
      'probes.outcome',
    ])
    .select([
      'probes.reason',
      'probes.detail',
      'probes.failure',
      'probes.judged_at',
      'probes.sequence_no',
      'probes.position',
      'probes.detections',
    ])
    .select((eb) =>
      eb
        .selectFrom('attempts')
        .select(sql<number>`count(*)::int`.as('count'))
        .whereRef('attempts.org_id', '=', 'probes.org_id')
        .whereRef('attempts.run_id', '=', 'probes.run_id')
        .whereRef('attempts.step_id', '=', 'probes.step_id')
        .whereRef('attempts.variant_no', '=', 'probes.variant_no')
        .$asScalar()
        .$notNull()
        .as('attempts'),
    )
    .where('probes.org_id', '=', orgId);
}

export type ProbeRow = Awaited<ReturnType<ReturnType<typeof selectProbes>['execute']>>[number];

export function toProbe(row: ProbeRow): Omit<Probe, 'attempts'> {
  const step = row.step as unknown as StepDefinition;
  return {
    probeId: row.probe_id as ProbeId,
    runId: row.run_id as RunId,
    scriptSlug: row.script_slug,
    stepId: row.step_id,
    variantNo: row.variant_no,
    style: row.style,
    promptVariant: row.prompt_variant,
    strategy: row.strategy,
    title: step.title,
    category: step.category,
    severity: step.severity,
    outcome: row.outcome as Outcome | null,
    reason: row.reason,
    detail: row.detail,
    failure: row.failure,
    judgedAt: row.judged_at?.toISOString() ?? null,
  };
}
