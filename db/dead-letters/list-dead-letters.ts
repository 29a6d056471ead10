import type { DeadLetter } from '../../contracts/dead-letter.ts';
import type { DeadOutcome } from '../../domain/dead-letter.ts';
import type { OrgId, ProbeId, ProjectId, RunId, TargetId } from '../../domain/ids.ts';
import type { StepDefinition } from '../../domain/script.ts';
import type { OrgTransaction } from '../with-org.ts';
import { selectDeadLetters, type DeadLetterFilter } from './dead-letters.ts';

export interface DeadLetterPage extends DeadLetterFilter {
  readonly before: string | undefined;
  readonly rows: number;
}

/** Dead letters from the newest probe on, starting below `before`. */
export async function listDeadLetters(tx: OrgTransaction, orgId: OrgId, page: DeadLetterPage): Promise<DeadLetter[]> {
  let query = selectDeadLetters(tx, orgId, page)
    .select(['probes.probe_id', 'probes.run_id', 'probes.script_slug', 'probes.step_id', 'probes.variant_no', 'probes.style'])
    .select(['probes.prompt_variant', 'probes.strategy', 'probes.step', 'probes.outcome', 'probes.reason', 'probes.detail'])
    .select(['probes.failure', 'probes.judged_at', 'runs.project_id', 'runs.target_id', 'runs.target_name'])
    .select('retries.run_id as retry_run_id');
  if (page.before !== undefined) query = query.where('probes.probe_id', '<', page.before);
  const rows = await query.orderBy('probes.probe_id', 'desc').limit(page.rows).execute();
  return rows.map((row) => {
    const { title, category, severity } = row.step as unknown as StepDefinition;
    return {
      probeId: row.probe_id as ProbeId,
      runId: row.run_id as RunId,
      projectId: row.project_id as ProjectId,
      targetId: row.target_id as TargetId,
      targetName: row.target_name,
      scriptSlug: row.script_slug,
      stepId: row.step_id,
      variantNo: row.variant_no,
      style: row.style,
      promptVariant: row.prompt_variant,
      strategy: row.strategy,
      title,
      category,
      severity,
      outcome: row.outcome as DeadOutcome,
      reason: row.reason,
      detail: row.detail,
      failure: row.failure,
      judgedAt: row.judged_at?.toISOString() ?? null,
      retryRunId: row.retry_run_id as RunId | null,
    };
  });
}
