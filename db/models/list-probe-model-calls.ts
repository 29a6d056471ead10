import type { ModelCallView } from '../../contracts/model-use.ts';
import type { ModelPurpose } from '../../domain/model-purpose.ts';
import { probeKey, type ProbeKey } from '../runs/step-key.ts';
import type { OrgTransaction } from '../with-org.ts';

const maxCalls = 200;

/** The requests to models that were made for a probe, oldest first; the first 200. */
export async function listProbeModelCalls(tx: OrgTransaction, probe: ProbeKey): Promise<ModelCallView[]> {
  const rows = await tx
    .selectFrom('model_calls')
    .select(['purpose', 'position', 'model', 'served_model', 'state', 'failure', 'failure_detail'])
    .select(['tokens_in', 'tokens_out', 'cost_micros', 'is_estimated', 'latency_ms', 'opened_at'])
    .where((eb) => eb.and(probeKey(probe)))
    .orderBy('call_id')
    .limit(maxCalls)
    .execute();
  return rows.map((row) => ({
    purpose: row.purpose as ModelPurpose,
    position: row.position,
    model: row.model,
    servedModel: row.served_model,
    state: row.state as ModelCallView['state'],
    failure: row.failure,
    failureDetail: row.failure_detail,
    tokensIn: row.tokens_in,
    tokensOut: row.tokens_out,
    costMicros: row.cost_micros === null ? null : Number(row.cost_micros),
    isEstimated: row.is_estimated,
    latencyMs: row.latency_ms,
    openedAt: row.opened_at.toISOString(),
  }));
}
