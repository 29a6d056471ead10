import type { AttemptView, ProbeDetail } from '../../contracts/probe.ts';
import type { Detection } from '../../domain/detection.ts';
import type { AttemptId, OrgId, ProbeId, RunId } from '../../domain/ids.ts';
import type { StepDefinition } from '../../domain/script.ts';
import { findOpinionView } from '../models/find-opinion-view.ts';
import { listProbeModelCalls } from '../models/list-probe-model-calls.ts';
import { probeKey, type ProbeKey } from '../runs/step-key.ts';
import { loadTurnEvents } from '../runs/turn-events.ts';
import type { OrgTransaction } from '../with-org.ts';
import { selectProbes, toProbe } from './list-probes.ts';

/** A probe with its transcript, its ledger and what the sidecar reported. */
export async function loadProbeDetail(
  tx: OrgTransaction,
  orgId: OrgId,
  key: { readonly runId: RunId; readonly probeId: ProbeId },
): Promise<ProbeDetail | undefined> {
  const row = await selectProbes(tx, orgId)
    .where('probes.run_id', '=', key.runId)
    .where('probes.probe_id', '=', key.probeId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const probe = { orgId, runId: key.runId, stepId: row.step_id, variantNo: row.variant_no };
  const attempts = await loadAttempts(tx, probe);
  return {
    ...toProbe(row),
    step: row.step as unknown as StepDefinition,
    transcript: attempts.flatMap(turnsOf),
    attempts,
    detections: row.detections as unknown as Detection[],
    opinion: (await findOpinionView(tx, probe)) ?? null,
    modelCalls: await listProbeModelCalls(tx, probe),
    sidecar: await loadTurnEvents(tx, orgId, {
      probeIds: [key.probeId],
      answeredTurns: attempts.filter(({ state, prompt }) => state === 'answered' && prompt !== null).length,
    }),
  };
}

function turnsOf(attempt: AttemptView): ProbeDetail['transcript'][number][] {
  const turns: ProbeDetail['transcript'][number][] = [];
  const { attemptId, conversationNo, exchangeNo } = attempt;
  const place = { attemptId, conversationNo, exchangeNo };
  if (attempt.wasSent !== false)
    turns.push({ role: 'ordeal', text: attempt.prompt ?? requestLine(attempt), ...place, at: attempt.openedAt });
  if (attempt.answerText !== null)
    turns.push({ role: 'agent', text: attempt.answerText, ...place, at: attempt.closedAt ?? attempt.openedAt });
  return turns;
}

/** A request that says nothing to the agent, such as an upload, as a person would note it down. */
function requestLine({ request }: AttemptView): string {
  return [`${request.method} ${request.url}`, ...(request.body === null ? [] : [request.body])].join('\n\n');
}

async function loadAttempts(tx: OrgTransaction, probe: ProbeKey): Promise<AttemptView[]> {
  const rows = await tx
    .selectFrom('attempts')
    .selectAll()
    .where((eb) => eb.and(probeKey(probe)))
    .orderBy('conversation_no')
    .orderBy('exchange_no')
    .orderBy('attempt_no')
    .execute();
  return rows.map((row) => ({
    attemptId: row.attempt_id as AttemptId,
    conversationNo: row.conversation_no,
    exchangeNo: row.exchange_no,
    attemptNo: row.attempt_no,
    state: row.state as AttemptView['state'],
    prompt: row.prompt,
    request: {
      method: row.request_method,
      url: row.request_url,
      headers: row.request_headers as Record<string, string>,
      body: row.request_body,
    },
    wasSent: row.was_sent,
    response:
      row.response_status === null
        ? null
        : {
            status: row.response_status,
            headers: (row.response_headers ?? {}) as Record<string, string>,
            bodyBase64: row.response_body?.toString('base64') ?? '',
          },
    answerText: row.answer_text,
    failure: row.failure,
    failureDetail: row.failure_detail,
    retryAfterSeconds: row.retry_after_seconds,
    latencyMs: row.latency_ms,
    openedAt: row.opened_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? null,
  }));
}
