import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Tokens of language models in this month of UTC: those that were used, and those that requests under way may use. */
export async function loadModelTokens(tx: OrgTransaction, orgId: OrgId): Promise<number> {
  const { tokens } = await tx
    .selectFrom('model_calls')
    .select(
      sql<number>`coalesce(sum(case state when 'open' then tokens_reserved else coalesce(tokens_in + tokens_out, 0) end), 0)::float8`.as(
        'tokens',
      ),
    )
    .where('org_id', '=', orgId)
    .where('opened_at', '>=', sql<Date>`date_trunc('month', now(), 'UTC')`)
    .executeTakeFirstOrThrow();
  return tokens;
}
