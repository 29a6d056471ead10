import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import { findCrossing } from '../../domain/quotas.ts';
import type { OrgTransaction } from '../with-org.ts';
import { loadLimits } from './load-limits.ts';
import { loadModelTokens } from './load-model-tokens.ts';
import { quotaRefusal } from './quota-refusal.ts';

/**
 * Throws `quota_exceeded` unless the organization has as many tokens left this month. Where there is a limit, whoever
 * asks next waits until this transaction, which is to write the call down, has ended.
 */
export async function admitModelTokens(tx: OrgTransaction, orgId: OrgId, tokens: number): Promise<void> {
  const { limits } = await loadLimits(tx, orgId);
  if (limits.modelTokensPerMonth === null) return;
  await sql`select pg_advisory_xact_lock(hashtextextended(${`model_tokens/${orgId}`}, 0))`.execute(tx);
  const used = await loadModelTokens(tx, orgId);
  const crossing = findCrossing(limits, [{ quota: 'modelTokensPerMonth', used, more: tokens }]);
  if (crossing !== undefined) throw await quotaRefusal(tx, crossing);
}
