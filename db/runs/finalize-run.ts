import { sql } from 'kysely';

import type { Finding } from '../../domain/findings.ts';
import type { FindingId, OrgId, RunId } from '../../domain/ids.ts';
import { describeEnding, statusOfEnding, type RunEnding } from '../../domain/run-ending.ts';
import { isTerminal, type RunStatus, type TerminalRunStatus } from '../../domain/run-state.ts';
import type { Score } from '../../domain/score.ts';
import { giveBackUsage } from '../usage/count-usage.ts';
import { measureRun } from '../usage/measure-run.ts';
import { cancelApprovals } from '../approvals/end-approval.ts';
import { closeCleanups } from '../cleanups/close-cleanups.ts';
import type { OrgTransaction } from '../with-org.ts';
import { appendToFeed } from './append-to-feed.ts';
import { deriveRunFindings } from './derive-run-findings.ts';
import { loadScore } from './load-score.ts';
import { resolveEnding } from './resolve-ending.ts';

export interface RunFinal {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly ending: RunEnding;
  /** Makes the ids of the findings. */
  readonly newFindingId: () => FindingId;
}

export interface FinalState {
  /** False when it had ended before. */
  readonly wasLive: boolean;
  readonly status: TerminalRunStatus;
  readonly reason: string;
  readonly score: Score;
}

/**
 * Ends a run, once: closes what is open in the ledger, gives every probe an outcome, stores the findings and sets the
 * final status. A run that has ended stays as it is, and its state is returned.
 */
export async function finalizeRun(tx: OrgTransaction, request: RunFinal): Promise<FinalState> {
  const { orgId, runId } = request;
  const run = await tx
    .selectFrom('runs')
    .select(['status', 'status_reason', 'stop_requested_by', 'quota_crossed', 'held_until'])
    .select(['cleanup_ending', 'cleanup_stop_requested_at'])
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const current = run.status as RunStatus;
  if (isTerminal(current)) {
    return { wasLive: false, status: current, reason: run.status_reason ?? '', score: await loadScore(tx, orgId, runId) };
  }
  // Why it took no further step was settled when it began to clean up.
  const ending = (run.cleanup_ending as RunEnding | null) ?? resolveEnding(request.ending, run);
  const final = { ...request, ending };
  await closeOpenAttempts(tx, final);
  await closeCleanups(tx, final, { isStopped: run.cleanup_stop_requested_at !== null });
  await cancelApprovals(tx, { orgId, runIds: [runId] }, 'the run itself');
  await settleOpenProbes(tx, final);
  const score = await loadScore(tx, orgId, runId);
  await storeFindings(tx, final, await deriveRunFindings(tx, orgId, runId));
  const status = statusOfEnding(ending, score.counts);
  const reason = describeEnding(ending);
  await tx
    .updateTable('runs')
    .set({ status, status_reason: reason, ended_at: sql<Date>`now()` })
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .execute();
  await appendToFeed(tx, final, { type: 'run_ended', data: { status, reason } });
  // Counters of the organization before those of its runs: the order of all who lock both.
  if (run.held_until === null) await giveBackUsage(tx, orgId, 'concurrent_runs');
  await measureRun(tx, request);
  return { wasLive: true, status, reason, score };
}

async function closeOpenAttempts(tx: OrgTransaction, { orgId, runId }: RunFinal): Promise<void> {
  await tx
    .updateTable('attempts')
    .set({ state: 'indeterminate', failure: 'indeterminate', closed_at: sql<Date>`now()` })
    .set({ failure_detail: 'The run ended before the end of the request was recorded.' })
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('state', '=', 'open')
    .execute();
}

/** Raising the epoch shuts out whoever still works on the probe. */
async function settleOpenProbes(tx: OrgTransaction, { orgId, runId, ending }: RunFinal): Promise<void> {
  await tx
    .updateTable('probes')
    .set({ outcome: 'not_run', reason: ending.kind, detail: describeEnding(ending), judged_at: sql<Date>`now()` })
    .set({ epoch: sql`epoch + 1` })
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('outcome', 'is', null)
    .execute();
}

async function storeFindings(tx: OrgTransaction, final: RunFinal, findings: readonly Finding[]): Promise<void> {
  for (const finding of findings) {
    const findingId = final.newFindingId();
    await tx
      .insertInto('findings')
      .values({
        org_id: final.orgId,
        finding_id: findingId,
        run_id: final.runId,
        weakness_key: finding.weaknessKey,
        script_slug: finding.scriptSlug,
        category: finding.category,
        detector: finding.detector,
        severity: finding.severity,
        confidence: finding.confidence,
        title: finding.title,
        remediation: finding.remediation,
        probe_ids: [...finding.probeIds],
        story: JSON.stringify(finding.story),
      })
      .execute();
    await storeEvidence(tx, { orgId: final.orgId, findingId }, finding);
  }
}

async function storeEvidence(tx: OrgTransaction, key: { orgId: OrgId; findingId: FindingId }, finding: Finding): Promise<void> {
  if (finding.evidence.length === 0) return;
  const rows = finding.evidence.map((evidence, index) => ({
    org_id: key.orgId,
    finding_id: key.findingId,
    evidence_no: index + 1,
    probe_id: evidence.probeId,
    detector: evidence.detector,
    detector_version: evidence.detectorVersion,
    evidence: JSON.stringify(evidence.evidence),
  }));
  await tx.insertInto('finding_evidence').values(rows).execute();
}
