import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface PlanPageKey {
  readonly orgId: OrgId;
  readonly runId: RunId;
  readonly fromSequence: number;
}

/** Script instances a page of the plan: about 1 KB of history. */
const sequencesPerPage = 20;

/** The script instances of a plan from `fromSequence` on, in order, with how many steps each has: the next page of them. */
export function readPlan(tx: OrgTransaction, page: PlanPageKey): Promise<{ sequenceNo: number; script: string; steps: number }[]> {
  return tx
    .selectFrom('probes')
    .select(['sequence_no as sequenceNo', sql<string>`min(script_slug)`.as('script'), sql<number>`count(*)::int`.as('steps')])
    .where('org_id', '=', page.orgId)
    .where('run_id', '=', page.runId)
    .where('sequence_no', '>=', page.fromSequence)
    .where('sequence_no', '<', page.fromSequence + sequencesPerPage)
    .groupBy('sequence_no')
    .orderBy('sequence_no')
    .execute();
}
