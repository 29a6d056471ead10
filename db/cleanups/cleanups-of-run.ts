import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Cleanups of a run with the probes whose steps made them necessary. */
export function cleanupsOfRun(tx: OrgTransaction, orgId: OrgId, runId: RunId) {
  return tx
    .selectFrom('cleanups as c')
    .innerJoin('probes as p', (join) =>
      join
        .onRef('p.org_id', '=', 'c.org_id')
        .onRef('p.run_id', '=', 'c.run_id')
        .onRef('p.step_id', '=', 'c.step_id')
        .onRef('p.variant_no', '=', 'c.variant_no'),
    )
    .select(['c.cleanup_id', 'p.probe_id', 'c.step_id', 'c.state', 'c.failure', 'c.detail'])
    .select(sql<string>`p.step->>'title'`.as('title'))
    .where('c.org_id', '=', orgId)
    .where('c.run_id', '=', runId);
}
