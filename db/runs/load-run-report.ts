import { sql } from 'kysely';

import type { Finding } from '../../domain/findings.ts';
import type { OrgId, RunId } from '../../domain/ids.ts';
import type { RunReport, UnjudgedProbe } from '../../domain/report.ts';
import type { OrgTransaction } from '../with-org.ts';
import { deriveRunFindings } from './derive-run-findings.ts';
import { loadRun } from './list-runs.ts';

/** The report of a run from its rows, at any time: before the end it says how far the run is. */
export async function loadRunReport(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<RunReport | undefined> {
  const run = await loadRun(tx, orgId, runId);
  if (run === undefined) return undefined;
  const findings: readonly Finding[] = await deriveRunFindings(tx, orgId, runId);
  return {
    runId,
    status: run.status,
    statusReason: run.statusReason,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    targetName: run.targetName,
    scripts: run.scripts.map(({ slug, title, steps }) => ({ slug, title, steps })),
    score: run.score,
    findings,
    notJudged: await loadUnjudged(tx, orgId, runId),
    indeterminateAttempts: await countIndeterminate(tx, orgId, runId),
  };
}

async function loadUnjudged(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<UnjudgedProbe[]> {
  const rows = await tx
    .selectFrom('probes')
    .select(['probe_id', 'step_id', 'reason', 'detail', sql<UnjudgedProbe['outcome']>`coalesce(outcome, 'not_run')`.as('outcome')])
    .select(sql<string>`step->>'title'`.as('title'))
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where(sql<boolean>`coalesce(outcome, 'not_run') not in ('vulnerable', 'resisted')`)
    .orderBy('sequence_no')
    .orderBy('position')
    .execute();
  return rows.map((row) => ({
    probeId: row.probe_id,
    stepId: row.step_id,
    stepTitle: row.title,
    outcome: row.outcome,
    reason: row.detail ?? row.reason ?? 'It was not judged yet.',
  }));
}

async function countIndeterminate(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<number> {
  const row = await tx
    .selectFrom('attempts')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('state', '=', 'indeterminate')
    .executeTakeFirstOrThrow();
  return row.count;
}
