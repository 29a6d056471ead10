import { sql } from 'kysely';

import { OrdealError } from '../../domain/failures.ts';
import type { CalibrationId, OrgId, RunId } from '../../domain/ids.ts';
import type { ModelPurpose } from '../../domain/model-purpose.ts';
import type { ModelCallEnd, ModelCallStart, ModelLedger } from '../../runtime/model/model-ledger.ts';
import { newId } from '../../runtime/new-id.ts';
import { stopForQuota } from '../runs/stop-for-quota.ts';
import { admitModelTokens } from '../usage/admit-model-tokens.ts';
import type { TenantDatabase } from '../tenant-database.ts';
import { withOrg, type OrgTransaction } from '../with-org.ts';

/** What a request to a model is made for. */
export interface ModelCallOwner {
  readonly orgId: OrgId;
  readonly purpose: ModelPurpose;
  /** A probe, whose run has a budget. */
  readonly probe?: { readonly runId: RunId; readonly stepId: string; readonly variantNo: number; readonly tokensPerRun: number };
  readonly calibrationId?: CalibrationId;
}

/**
 * Writes requests to models into `model_calls`. What a request may use is held against the budget of its run before it
 * is sent; the models of one run wait for each other there, so that many at once cannot pass it together. A run whose
 * organization has no tokens left this month is stopped: nothing that it still sent would come to a verdict.
 */
export function modelCallLedger(database: TenantDatabase, owner: ModelCallOwner): ModelLedger {
  return {
    open: async (start) => {
      try {
        return await withOrg(database, owner.orgId, (tx) => openCall(tx, owner, start));
      } catch (error) {
        await stopCrossed(database, owner, error);
        throw error;
      }
    },
    close: (callId, end) => withOrg(database, owner.orgId, (tx) => closeCall(tx, { orgId: owner.orgId, callId }, end)),
  };
}

/** In a transaction of its own: the one that was refused undid all that it did. */
async function stopCrossed(database: TenantDatabase, { orgId, probe }: ModelCallOwner, error: unknown): Promise<void> {
  const quota = error instanceof OrdealError ? error.members.quota : undefined;
  if (probe === undefined || quota === undefined) return;
  const crossing = { quota: 'modelTokensPerMonth', limit: quota.limit, used: quota.used } as const;
  await withOrg(database, orgId, (tx) => stopForQuota(tx, { orgId, runId: probe.runId, crossing }));
}

async function openCall(tx: OrgTransaction, owner: ModelCallOwner, start: ModelCallStart): Promise<string> {
  if (owner.probe !== undefined) await checkBudget(tx, { orgId: owner.orgId, ...owner.probe }, start.tokensReserved);
  await admitModelTokens(tx, owner.orgId, start.tokensReserved);
  const callId = newId('modelCall');
  await tx
    .insertInto('model_calls')
    .values({
      org_id: owner.orgId,
      call_id: callId,
      purpose: owner.purpose,
      run_id: owner.probe?.runId ?? null,
      step_id: owner.probe?.stepId ?? null,
      variant_no: owner.probe?.variantNo ?? null,
      calibration_id: owner.calibrationId ?? null,
      position: start.position,
      model: start.model,
      base_url: start.baseUrl,
      tokens_reserved: start.tokensReserved,
    })
    .execute();
  return callId;
}

async function checkBudget(
  tx: OrgTransaction,
  run: { readonly orgId: OrgId; readonly runId: RunId; readonly tokensPerRun: number },
  tokensReserved: number,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`model_calls/${run.runId}`}, 0))`.execute(tx);
  const { used } = await tx
    .selectFrom('model_calls')
    // A call that failed without an answer used nothing that anybody can know; one still open may use all it reserved.
    .select(
      sql<number>`coalesce(sum(case state when 'open' then tokens_reserved else coalesce(tokens_in + tokens_out, 0) end), 0)::float8`.as(
        'used',
      ),
    )
    .where('org_id', '=', run.orgId)
    .where('run_id', '=', run.runId)
    .executeTakeFirstOrThrow();
  if (used + tokensReserved <= run.tokensPerRun) return;
  const detail = `Models have used ${used} of the ${run.tokensPerRun} tokens that a run may use, and this request may take ${tokensReserved}.`;
  throw new OrdealError('model_budget_exceeded', `${detail} The operator sets the limit with ORDEAL_MODEL_TOKENS_PER_RUN.`);
}

async function closeCall(tx: OrgTransaction, call: { readonly orgId: OrgId; readonly callId: string }, end: ModelCallEnd): Promise<void> {
  await tx
    .updateTable('model_calls')
    .set({
      state: end.failure === null ? 'answered' : 'failed',
      failure: end.failure,
      failure_detail: end.detail?.slice(0, 1_000) ?? null,
      served_model: end.servedModel,
      tokens_in: end.usage?.tokensIn ?? null,
      tokens_out: end.usage?.tokensOut ?? null,
      cost_micros: end.usage?.costMicros ?? null,
      is_estimated: end.usage?.isEstimated ?? false,
      latency_ms: end.latencyMs,
      closed_at: sql<Date>`now()`,
    })
    .where('org_id', '=', call.orgId)
    .where('call_id', '=', call.callId)
    .where('state', '=', 'open')
    .execute();
}
