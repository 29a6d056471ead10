import { sql } from 'kysely';

import type { ApprovalId, DecisionId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Keeps that the workflow which waits knows of a decision. */
export async function markDecisionSeen(
  tx: OrgTransaction,
  { orgId, decisionId }: { readonly orgId: OrgId; readonly decisionId: DecisionId },
): Promise<void> {
  await tx
    .updateTable('approval_decisions')
    .set({ seen_at: sql<Date>`clock_timestamp()` })
    .where('org_id', '=', orgId)
    .where('decision_id', '=', decisionId)
    .where('seen_at', 'is', null)
    .execute();
}

/** The decision that ended an approval, unless the workflow knows of it: the last one that counted. */
export async function findUnseenDecision(
  tx: OrgTransaction,
  { orgId, approvalId }: { readonly orgId: OrgId; readonly approvalId: ApprovalId },
): Promise<DecisionId | undefined> {
  const row = await tx
    .selectFrom('approval_decisions')
    .select(['decision_id', 'seen_at'])
    .where('org_id', '=', orgId)
    .where('approval_id', '=', approvalId)
    .where('effect', '=', 'counted')
    .orderBy('applied_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.seen_at === null ? (row.decision_id as DecisionId) : undefined;
}
