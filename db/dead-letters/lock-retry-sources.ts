import type { GenerationSummary } from '../../domain/generation/variety.ts';
import type { OrgId, ProjectId, RunId, TargetId } from '../../domain/ids.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import type { RunPriority } from '../../domain/run-priority.ts';
import type { OrgTransaction } from '../with-org.ts';
import { optionsOf } from '../runs/options-columns.ts';
import type { ScriptSummary } from '../runs/plan-probes.ts';
import { selectRetryable, type DeadLetterFilter } from './dead-letters.ts';

/** A run that may be retried, as it was planned. */
export interface RetrySource {
  readonly runId: RunId;
  readonly projectId: ProjectId;
  readonly targetId: TargetId;
  readonly hasEnded: boolean;
  readonly scripts: readonly ScriptSummary[];
  readonly options: RunOptions;
  readonly priority: RunPriority;
  readonly generation: GenerationSummary;
}

/** One run, locked: two who would retry it at once do so one after the other, and the second finds what the first took up. */
export async function lockRetrySource(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<RetrySource | undefined> {
  const row = await selectSources(tx, orgId).where('run_id', '=', runId).forUpdate().executeTakeFirst();
  return row === undefined ? undefined : toSource(row);
}

/** The newest runs with dead letters that may be retried, all of them locked before anything else is, and in one order. */
export async function lockRetrySources(
  tx: OrgTransaction,
  orgId: OrgId,
  { filter, maxRuns }: { readonly filter: DeadLetterFilter; readonly maxRuns: number },
): Promise<RetrySource[]> {
  const rows = await selectSources(tx, orgId)
    .where('run_id', 'in', selectRetryable(tx, orgId, filter).select('probes.run_id'))
    .orderBy('run_id', 'desc')
    .limit(maxRuns)
    .forUpdate()
    .execute();
  return rows.map(toSource);
}

function selectSources(tx: OrgTransaction, orgId: OrgId) {
  return tx
    .selectFrom('runs')
    .select(['run_id', 'project_id', 'target_id', 'ended_at', 'scripts', 'options', 'adjustments', 'priority', 'generation'])
    .where('org_id', '=', orgId);
}

function toSource(row: Awaited<ReturnType<ReturnType<typeof selectSources>['execute']>>[number]): RetrySource {
  return {
    runId: row.run_id as RunId,
    projectId: row.project_id as ProjectId,
    targetId: row.target_id as TargetId,
    hasEnded: row.ended_at !== null,
    scripts: row.scripts as unknown as ScriptSummary[],
    options: optionsOf(row),
    priority: row.priority as RunPriority,
    generation: row.generation as unknown as GenerationSummary,
  };
}
