import { sql } from 'kysely';

import type { OrgId } from '../../domain/ids.ts';
import type { ModelPurpose } from '../../domain/model-purpose.ts';
import type { ModelUse } from '../../domain/model-use.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface ModelUseOwners {
  readonly kind: 'run' | 'calibration';
  readonly ids: readonly string[];
}

/** What models were used for each of these runs or calibrations, by purpose and model. Owners that used none are left out. */
export async function loadModelUse(
  tx: OrgTransaction,
  orgId: OrgId,
  owners: ModelUseOwners,
): Promise<ReadonlyMap<string, readonly ModelUse[]>> {
  if (owners.ids.length === 0) return new Map();
  const owner = owners.kind === 'run' ? 'run_id' : 'calibration_id';
  const rows = await tx
    .selectFrom('model_calls')
    .select([sql<string>`${sql.ref(owner)}`.as('owner'), 'purpose', 'model'])
    .select(sql<number>`count(*)::int`.as('calls'))
    .select(sql<number>`(count(*) filter (where state = 'failed'))::int`.as('failed'))
    .select(sql<number>`(count(*) filter (where state = 'open'))::int`.as('open'))
    .select(sql<number>`coalesce(sum(tokens_in), 0)::float8`.as('tokens_in'))
    .select(sql<number>`coalesce(sum(tokens_out), 0)::float8`.as('tokens_out'))
    .select(sql<number | null>`sum(cost_micros)::float8`.as('cost_micros'))
    .select(sql<boolean>`bool_or(is_estimated)`.as('is_estimated'))
    .where('org_id', '=', orgId)
    .where(owner, 'in', owners.ids)
    .groupBy([owner, 'purpose', 'model'])
    .orderBy(owner)
    .orderBy('purpose')
    .orderBy('model')
    .execute();
  const uses = rows.map((row) => ({
    owner: row.owner,
    use: {
      purpose: row.purpose as ModelPurpose,
      model: row.model,
      calls: row.calls,
      failedCalls: row.failed,
      openCalls: row.open,
      tokensIn: row.tokens_in,
      tokensOut: row.tokens_out,
      isEstimated: row.is_estimated,
      costMicros: row.cost_micros,
    },
  }));
  return new Map([...Map.groupBy(uses, (row) => row.owner)].map(([id, group]) => [id, group.map(({ use }) => use)]));
}
