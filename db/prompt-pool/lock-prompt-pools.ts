import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/**
 * Waits until no other planner of the organization fills pools, and keeps others out until the transaction ends. It is
 * the only lock that a planner waits for, so there is no cycle to wait in.
 */
export async function lockPromptPools(tx: OrgTransaction, orgId: OrgId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`prompt_pool/${orgId}`}, 0))`.execute(tx);
}
