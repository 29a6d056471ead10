import { assertNever } from '../assert-never.ts';
import type { ApprovalKind, ApprovalStatus } from '../approvals/approval.ts';
import type { Environment } from '../risk/assess-risk.ts';
import type { Severity } from '../severity.ts';

/**
 * What a webhook may be told.
 *
 * - `approval.decided`: approved or rejected.
 * - `approval.withdrawn`: what would be sent has changed, or the run has ended before anybody decided.
 */
export const webhookEvents = [
  'approval.requested',
  'approval.reminder',
  'approval.decided',
  'approval.expired',
  'approval.withdrawn',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** Sent when somebody asks for it, whatever the webhook is otherwise told. */
export const testEvent = 'webhook.test';
export type DeliveryEvent = WebhookEvent | typeof testEvent;

/** Which event the end of an approval is. */
export function eventOfEnd(status: Exclude<ApprovalStatus, 'pending'>): WebhookEvent {
  switch (status) {
    case 'approved':
    case 'rejected':
      return 'approval.decided';
    case 'expired':
      return 'approval.expired';
    case 'voided':
    case 'cancelled':
      return 'approval.withdrawn';
    default:
      return assertNever(status);
  }
}

/** What a receiver learns of an approval: references and facts, nothing of what would be sent. */
export interface ApprovalFacts {
  readonly approvalId: string;
  readonly kind: ApprovalKind;
  readonly projectId: string;
  readonly runId: string;
  /** Null for a run as a whole. */
  readonly stepId: string | null;
  readonly target: string;
  readonly environment: Environment;
  readonly risk: Severity;
  /** Ids of the rules that matched, the worst first; those of domain/risk, which are short. */
  readonly riskRules: readonly string[];
  readonly status: ApprovalStatus;
  readonly quorum: number;
  readonly payloadHash: string;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly decidedAt: string | null;
  /** A member; without a name, what else ended it. */
  readonly decidedBy: { readonly id: string; readonly name: string | null } | null;
  /** Of the API, where an approver sees all of it. */
  readonly path: string;
}

const maxRules = 50;
const maxTextLength = 300;

/** The body of a delivery. Its size is bounded whatever was named how: well under 16 KiB. */
export function approvalBody(event: WebhookEvent, occurredAt: Date, facts: ApprovalFacts): string {
  const { decidedBy } = facts;
  const data: ApprovalFacts = {
    ...facts,
    stepId: facts.stepId === null ? null : shortened(facts.stepId),
    target: shortened(facts.target),
    riskRules: [...new Set(facts.riskRules)].slice(0, maxRules),
    decidedBy:
      decidedBy === null ? null : { id: shortened(decidedBy.id), name: decidedBy.name === null ? null : shortened(decidedBy.name) },
  };
  return JSON.stringify({ type: event, timestamp: occurredAt.toISOString(), data });
}

/** The body of a delivery that somebody asked for to see that it arrives. */
export function testBody(webhookId: string, occurredAt: Date): string {
  return JSON.stringify({ type: testEvent, timestamp: occurredAt.toISOString(), data: { webhookId } });
}

function shortened(text: string): string {
  return text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength)}…`;
}
