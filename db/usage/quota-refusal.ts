import { sql } from 'kysely';

import { OrdealError } from '../../domain/failures.ts';
import { describeQuota, quotaResetAt, type QuotaCrossing } from '../../domain/quotas.ts';
import type { OrgTransaction } from '../with-org.ts';

/** The error to throw: `quota_exceeded`, which names quota, limit, use and reset. */
export async function quotaRefusal(tx: OrgTransaction, crossing: QuotaCrossing): Promise<OrdealError> {
  const { quota, limit, used } = crossing;
  const now = await readClock(tx);
  const resetAt = quotaResetAt(quota, now);
  const until = resetAt === null ? '' : ` There is room again from ${resetAt.toISOString()} on.`;
  return new OrdealError('quota_exceeded', `The plan of this organization allows ${describeQuota(crossing)}; ${used} are in use.${until}`, {
    members: { quota: { name: quota, limit, used, resetAt: resetAt?.toISOString() ?? null } },
    ...(resetAt === null ? {} : { retryAfterSeconds: Math.max(1, Math.ceil((resetAt.getTime() - now.getTime()) / 1_000)) }),
  });
}

async function readClock(tx: OrgTransaction): Promise<Date> {
  const result = await sql<{ now: Date }>`select now()`.execute(tx);
  return result.rows[0]?.now ?? new Date();
}
