import { sql } from 'kysely';

import type { StoredFinding } from '../../contracts/finding.ts';
import type { EvidenceRef } from '../../domain/detection.ts';
import type { FindingEvidence, StoryStep } from '../../domain/findings.ts';
import type { FindingId, OrgId, RunId } from '../../domain/ids.ts';
import type { DetectorKind } from '../../domain/script.ts';
import type { Severity } from '../../domain/severity.ts';
import { standardsOf } from '../../domain/taxonomy/taxonomy.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface FindingKey {
  /** 0 is the worst. */
  readonly rank: number;
  readonly findingId: string;
}

export interface FindingPage {
  readonly runId: RunId;
  readonly after: FindingKey | undefined;
  readonly rows: number;
}

const rank = sql<number>`array_position(array['critical', 'high', 'medium', 'low'], severity)`;

/** Stored findings of a run with their evidence, worst first. There are none before the run has ended. */
export async function listFindings(
  tx: OrgTransaction,
  orgId: OrgId,
  page: FindingPage,
): Promise<(StoredFinding & { readonly rank: number })[]> {
  let query = tx
    .selectFrom('findings')
    .select(['finding_id', 'run_id', 'weakness_key', 'script_slug', 'category', 'detector', 'severity', 'confidence', 'title'])
    .select(['remediation', 'probe_ids', 'story', 'created_at', rank.as('rank')])
    .where('org_id', '=', orgId)
    .where('run_id', '=', page.runId);
  if (page.after !== undefined)
    query = query.where(sql<boolean>`(${rank}, finding_id) > (${page.after.rank}::int, ${page.after.findingId}::text)`);
  const rows = await query.orderBy(rank).orderBy('finding_id').limit(page.rows).execute();
  const evidence = await loadEvidence(
    tx,
    orgId,
    rows.map((row) => row.finding_id),
  );
  return rows.map((row) => ({
    findingId: row.finding_id as FindingId,
    runId: row.run_id as RunId,
    createdAt: row.created_at.toISOString(),
    weaknessKey: row.weakness_key,
    scriptSlug: row.script_slug,
    category: row.category,
    standards: standardsOf(row.category),
    detector: row.detector as DetectorKind,
    severity: row.severity as Severity,
    confidence: row.confidence,
    title: row.title,
    remediation: row.remediation,
    probeIds: row.probe_ids,
    evidence: evidence.get(row.finding_id) ?? [],
    story: row.story as unknown as StoryStep[],
    rank: row.rank,
  }));
}

async function loadEvidence(tx: OrgTransaction, orgId: OrgId, findingIds: readonly string[]): Promise<Map<string, FindingEvidence[]>> {
  if (findingIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom('finding_evidence')
    .select(['finding_id', 'probe_id', 'detector', 'detector_version', 'evidence'])
    .where('org_id', '=', orgId)
    .where('finding_id', 'in', findingIds)
    .orderBy('finding_id')
    .orderBy('evidence_no')
    .execute();
  const byFinding = new Map<string, FindingEvidence[]>();
  for (const row of rows) {
    const list = byFinding.get(row.finding_id) ?? [];
    list.push({
      probeId: row.probe_id,
      detector: row.detector as DetectorKind,
      detectorVersion: row.detector_version,
      evidence: row.evidence as unknown as EvidenceRef,
    });
    byFinding.set(row.finding_id, list);
  }
  return byFinding;
}
