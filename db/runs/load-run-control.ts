import { sql } from 'kysely';

import type { RunControl } from '../../domain/run-control.ts';
import type { OrgTransaction } from '../with-org.ts';
import { optionsOf } from './options-columns.ts';
import type { RunKey } from './step-key.ts';

/** How a run is to be worked on now. */
export async function loadRunControl(tx: OrgTransaction, { orgId, runId }: RunKey): Promise<RunControl> {
  const row = await tx
    .selectFrom('runs')
    .select(['options', 'adjustments', 'paused_at', 'control_version'])
    .select(
      sql<number | null>`(extract(epoch from deadline_at - coalesce(paused_at, awaiting_since, now())) * 1000)::float8`.as('remaining_ms'),
    )
    .select(sql<number>`(paused_ms + coalesce(extract(epoch from now() - paused_at) * 1000, 0))::float8`.as('all_paused_ms'))
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow();
  const { concurrency, maxPausedMinutes } = optionsOf(row);
  return {
    version: row.control_version,
    isPaused: row.paused_at !== null,
    concurrency,
    remainingMs: Math.max(0, Math.round(row.remaining_ms ?? 0)),
    pauseLeftMs: Math.max(0, Math.round(maxPausedMinutes * 60_000 - row.all_paused_ms)),
  };
}

/** The workflow is told what is stored now: the reconciler need not signal it again. */
export async function takeNoticeOfControl(tx: OrgTransaction, { orgId, runId }: RunKey): Promise<void> {
  await tx
    .updateTable('runs')
    .set({ control_seen: sql<number>`control_version` })
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('control_seen', '<', sql<number>`control_version`)
    .execute();
}
