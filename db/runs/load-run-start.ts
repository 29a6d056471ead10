import type { OrgId, RunId } from '../../domain/ids.ts';
import type { RunOptions } from '../../domain/run-options.ts';
import type { RunPriority } from '../../domain/run-priority.ts';
import type { OrgTransaction } from '../with-org.ts';
import { optionsOf } from './options-columns.ts';
import type { ScriptSummary } from './plan-probes.ts';

/** What starting the workflow of a run takes. */
export interface RunStart {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly projectId: string;
  readonly targetName: string;
  readonly scripts: readonly ScriptSummary[];
  readonly options: RunOptions;
  readonly priority: RunPriority;
  /** It is not to start before it is executed. */
  readonly isHeld: boolean;
}

export async function loadRunStart(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<RunStart | undefined> {
  const row = await tx
    .selectFrom('runs')
    .select(['project_id', 'target_name', 'scripts', 'options', 'adjustments', 'priority', 'held_until'])
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    orgId,
    runId,
    projectId: row.project_id,
    targetName: row.target_name,
    scripts: row.scripts as unknown as ScriptSummary[],
    options: optionsOf(row),
    priority: row.priority as RunPriority,
    isHeld: row.held_until !== null,
  };
}
