import type { ModelCallView } from '../../contracts/model-use.ts';
import type { OrgId } from '../../domain/ids.ts';
import type { ModelPurpose } from '../../domain/model-purpose.ts';
import type { HeldProbe } from '../runs/step-key.ts';
import type { OrgTransaction } from '../with-org.ts';

const maxCalls = 200;

/** The requests to models that were made for a probe, oldest first; the first 200. */
export async function listProbeModelCalls(
  tx: OrgTransaction,
  orgId: OrgId,
  probe: Pick<HeldProbe, 'runId' | 'stepId' | 'variantNo'>,
): Promise<ModelCallView[]> {
  const rows = await tx
    .selectFrom('model_calls')
    .select(['purpose', 'position', 'model', 'served_model', 'state', 'failure', 'failure_detail'])
    .select(['tokens_in', 'tokens_out', 'cost_micros', 'is_estimated', 'latency_ms', 'opened_at'])
    .where('org_id', '=', orgId)
    .where('run_id', '=', probe.runId)
    .where('step_id', '=', probe.stepId)
    .where('variant_no', '=', probe.variantNo)
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
