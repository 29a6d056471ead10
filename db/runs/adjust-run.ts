import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { RunAdjustment } from '../../domain/run-options.ts';
import { isTerminal } from '../../domain/run-state.ts';
import type { OrgTransaction } from '../with-org.ts';
import { appendToFeed } from './append-to-feed.ts';
import { controlChanged, lockRun } from './pause-run.ts';

export interface AdjustRequest {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly requestedBy: string;
  /** Checked already: see `adjustmentFault`. */
  readonly adjustment: RunAdjustment;
}

export type AdjustResult = 'adjusted' | 'stopping' | 'ended' | 'not_found';

/** Changes how many requests a run makes at once or in a minute, from its next request on. */
export async function adjustRun(tx: OrgTransaction, request: AdjustRequest): Promise<AdjustResult> {
  const { orgId, runId, requestedBy, adjustment } = request;
  const run = await lockRun(tx, request);
  if (run === undefined) return 'not_found';
  if (isTerminal(run.status)) return 'ended';
  if (run.isStopping) return 'stopping';
  await tx
    .updateTable('runs')
    .set({ adjustments: sql`adjustments || ${JSON.stringify(adjustment)}::jsonb`, ...controlChanged })
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .execute();
  await quickenPace(tx, request);
  await appendToFeed(tx, request, { type: 'run_adjusted', data: { by: requestedBy, ...adjustment } });
  return 'adjusted';
}

/** The next request need not wait out what a slower rate had set. */
async function quickenPace(tx: OrgTransaction, { orgId, runId, adjustment }: AdjustRequest): Promise<void> {
  const perMinute = adjustment.maxRequestsPerMinute ?? null;
  if (perMinute === null) return;
  await tx
    .updateTable('run_paces')
    .set({ next_at: sql<Date>`least(next_at, clock_timestamp() + make_interval(secs => ${60 / perMinute}::float8))` })
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .execute();
}
