import { sql } from 'kysely';

import { weaknessKeyOf, type Finding } from '../../domain/findings.ts';
import type { OrgId, RunId } from '../../domain/ids.ts';
import type { Weakness } from '../../domain/judge.ts';
import { isJudged, type Outcome } from '../../domain/outcome.ts';
import type { ReportedProbe, RunReport, UnjudgedProbe } from '../../domain/reports/run-report.ts';
import type { Severity } from '../../domain/severity.ts';
import { loadCleanupAccount } from '../cleanups/load-cleanup-account.ts';
import { loadJudgeAccount } from '../models/load-judge-account.ts';
import type { OrgTransaction } from '../with-org.ts';
import { deriveRunFindings } from './derive-run-findings.ts';
import { loadRun } from './list-runs.ts';

/** The report of a run from its rows, at any time: before the end it says how far the run is. */
export async function loadRunReport(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<RunReport | undefined> {
  const run = await loadRun(tx, orgId, runId);
  if (run === undefined) return undefined;
  const findings: readonly Finding[] = await deriveRunFindings(tx, orgId, runId);
  const probes = await loadProbes(tx, orgId, runId);
  return {
    runId,
    status: run.status,
    statusReason: run.statusReason,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    targetName: run.targetName,
    planHash: await loadPlanHash(tx, orgId, runId),
    guard: run.guard,
    scripts: run.scripts.map(({ slug, title, steps }) => ({ slug, title, steps })),
    score: run.score,
    findings,
    notJudged: unjudgedOf(probes),
    probes,
    indeterminateAttempts: await countIndeterminate(tx, orgId, runId),
    cleanup: await loadCleanupAccount(tx, orgId, runId),
    judge: await loadJudgeAccount(tx, orgId, runId),
    modelUse: run.modelUse,
  };
}

async function loadProbes(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<ReportedProbe[]> {
  const rows = await tx
    .selectFrom('probes')
    .select([
      'probe_id',
      'script_slug',
      'step_id',
      'style',
      'strategy',
      'reason',
      'detail',
      'weakness',
      sql<Outcome>`coalesce(outcome, 'not_run')`.as('outcome'),
    ])
    .select([sql<string>`step->>'title'`.as('title'), sql<string>`step->>'category'`.as('category')])
    .select(sql<Severity>`step->>'severity'`.as('severity'))
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .orderBy('sequence_no')
    .orderBy('position')
    .execute();
  return rows.map((row) => {
    const weakness = row.weakness as unknown as Weakness | null;
    return {
      probeId: row.probe_id,
      scriptSlug: row.script_slug,
      stepId: row.step_id,
      stepTitle: row.title,
      style: row.style,
      strategy: row.strategy,
      category: row.category,
      severity: row.severity,
      outcome: row.outcome,
      weaknessKey: weakness === null ? null : weaknessKeyOf(row.script_slug, weakness),
      reason: row.detail ?? row.reason ?? 'It was not judged yet.',
    };
  });
}

function unjudgedOf(probes: readonly ReportedProbe[]): UnjudgedProbe[] {
  return probes.flatMap(({ probeId, stepId, stepTitle, style, strategy, outcome, reason }) =>
    isJudged(outcome) ? [] : [{ probeId, stepId, stepTitle, style, strategy, outcome, reason }],
  );
}

async function loadPlanHash(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<string> {
  const row = await tx
    .selectFrom('runs')
    .select('plan_hash')
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow();
  return row.plan_hash;
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
