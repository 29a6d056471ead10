import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { scoreRun, type Score } from '../../domain/score.ts';
import type { Severity } from '../../domain/severity.ts';
import type { OrgTransaction } from '../with-org.ts';

/** The score of a run from its rows; a probe without outcome counts as not run. */
export async function loadScore(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<Score> {
  const groups = await tx
    .selectFrom('probes')
    .select([sql<Outcome>`coalesce(outcome, 'not_run')`.as('outcome'), sql<Severity>`step->>'severity'`.as('severity')])
    .select(sql<number>`count(*)::int`.as('count'))
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .groupBy([sql`1`, sql`2`])
    .execute();
  return scoreRun(groups.flatMap(({ outcome, severity, count }) => Array.from({ length: count }, () => ({ outcome, severity }))));
}
