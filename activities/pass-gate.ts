import { requestApproval } from '../db/approvals/request-approval.ts';
import { endApproval, expireApproval, remainingMs } from '../db/approvals/end-approval.ts';
import type { ApprovalRecord } from '../db/approvals/approval-record.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { describeDecision, nameDecider } from '../domain/approvals/approval.ts';
import type { ExchangePreview, ShownRequest } from '../domain/approvals/approval-preview.ts';
import { assertNever } from '../domain/assert-never.ts';
import type { PolicyDecision } from '../domain/policy/policy.ts';
import { weighExchange } from '../domain/policy/weigh-exchange.ts';
import type { RiskAssessment } from '../domain/risk/assess-risk.ts';
import type { Exchange } from '../domain/steps/next-move.ts';
import type { TargetRequest } from '../domain/target-request.ts';
import { newId } from '../runtime/new-id.ts';
import { persist } from './persist.ts';
import type { AwaitedApproval } from './run-activities.ts';
import type { StepDependencies } from './step-dependencies.ts';
import type { PreparedRequest } from './step-request.ts';

/** What is about to be sent. */
export interface GatedExchange {
  readonly exchange: Exchange;
  readonly request: PreparedRequest;
}

export type GateResult =
  | { readonly kind: 'open' }
  | ({ readonly kind: 'awaiting_approval' } & AwaitedApproval)
  /** It may not be sent, now or later. */
  | { readonly kind: 'shut'; readonly failure: 'not_approved' | 'refused_by_policy'; readonly detail: string }
  | { readonly kind: 'stopping' };

const patienceMs = 30_000;

/**
 * Decides whether a prepared request may be sent. What is decided by people is found by its place in the ledger and
 * compared with what would be sent now; what nobody was asked about is for the policies of the moment.
 *
 *   approval of this exchange ──► its status, if the hash is still the same, and otherwise void
 *   none ──► risk ──► policy ──► allow · refuse · ask for an approval and wait
 */
export async function passGate(deps: StepDependencies, work: ProbeWork, gated: GatedExchange): Promise<GateResult> {
  const { conversationNo, exchangeNo } = gated.exchange;
  const known = work.gate.approvals.find((one) => one.conversationNo === conversationNo && one.exchangeNo === exchangeNo);
  if (known !== undefined) return inTransaction(deps, work, (tx) => consult(tx, known, gated));
  const { exchange, request } = gated;
  const { risk, decision } = weighExchange(work.gate, {
    step: work.step,
    written: exchange.content,
    said: request.exchange.content,
    request: request.request,
    document: request.document,
    cleanup: request.cleanup,
  });
  switch (decision.action) {
    case 'allow':
      return { kind: 'open' };
    case 'refuse':
      return refusal(decision, risk);
    case 'approve':
      return inTransaction(deps, work, (tx) => ask(tx, work, { ...gated, risk, decision }));
    default:
      return assertNever(decision.action);
  }
}

function inTransaction<Result>(
  deps: StepDependencies,
  { held }: ProbeWork,
  body: (tx: OrgTransaction) => Promise<Result>,
): Promise<Result> {
  return persist({ database: deps.database, orgId: held.orgId, patienceMs }, body);
}

async function consult(tx: OrgTransaction, approval: ApprovalRecord, { request }: GatedExchange): Promise<GateResult> {
  const isSame = approval.payloadHash === request.ledger.payloadHash;
  switch (approval.status) {
    case 'pending':
      return consultPending(tx, approval, isSame);
    case 'approved':
      return isSame ? { kind: 'open' } : shutBy(approval, 'voided');
    case 'rejected':
    case 'expired':
    case 'voided':
    case 'cancelled':
      return shutBy(approval, approval.status);
    default:
      return assertNever(approval.status);
  }
}

async function consultPending(tx: OrgTransaction, approval: ApprovalRecord, isSame: boolean): Promise<GateResult> {
  const change = { status: 'voided', decidedBy: 'a change of what would be sent' } as const;
  const ended = (await expireApproval(tx, approval)) ?? (isSame ? undefined : await endApproval(tx, approval, change));
  if (ended !== undefined) return shutBy(approval, ended.status === 'pending' ? 'voided' : ended.status);
  // Where it was decided this very moment, the decision wakes the script that waits for it.
  return { kind: 'awaiting_approval', approvalId: approval.approvalId, expiresInMs: await remainingMs(tx, approval) };
}

interface AskedExchange extends GatedExchange {
  readonly risk: RiskAssessment;
  readonly decision: PolicyDecision;
}

async function ask(tx: OrgTransaction, work: ProbeWork, { exchange, request, risk, decision }: AskedExchange): Promise<GateResult> {
  const { held, gate } = work;
  const { rule, quorum, expiresInHours } = decision;
  const approval = await requestApproval(tx, {
    orgId: held.orgId,
    approvalId: newId('approval'),
    projectId: gate.projectId,
    runId: held.runId,
    place: {
      stepId: held.stepId,
      variantNo: held.variantNo,
      conversationNo: exchange.conversationNo,
      exchangeNo: exchange.exchangeNo,
    },
    scriptSlugs: [work.scriptSlug],
    payloadHash: request.ledger.payloadHash,
    preview: previewOf(work, request),
    risk,
    policy: { rule, quorum, expiresInHours },
  });
  if (approval === 'stopping') return { kind: 'stopping' };
  return consult(tx, approval, { exchange, request });
}

function previewOf(work: ProbeWork, { request, ledger, document, cleanup }: PreparedRequest): ExchangePreview {
  return {
    kind: 'exchange',
    target: work.targetName,
    environment: work.gate.environment,
    script: work.scriptSlug,
    title: work.step.title,
    category: work.step.category,
    strategy: work.strategy,
    ...shownRequest(request),
    prompt: ledger.prompt,
    document,
    cleanup: cleanup === null ? null : shownRequest(cleanup.request),
  };
}

function shownRequest({ method, url, headers, body }: TargetRequest): ShownRequest {
  return { method, url, headers, body: body ?? null };
}

function refusal({ rule }: PolicyDecision, { level }: RiskAssessment): GateResult {
  const why = rule === null ? 'and no rule of a policy fits it' : `and the policy rule "${rule.name}" refuses it`;
  return { kind: 'shut', failure: 'refused_by_policy', detail: `Its risk is ${level}, ${why}.` };
}

function shutBy(approval: ApprovalRecord, status: Parameters<typeof describeDecision>[0]): GateResult {
  const how = describeDecision(status, nameDecider(approval.decidedBy, approval.decidedFor));
  return { kind: 'shut', failure: 'not_approved', detail: `Its risk is ${approval.riskLevel}. ${how}` };
}
