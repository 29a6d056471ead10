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
  readonly decidedBy: NamedDecider | null;
  /** In whose place, where the right to decide was lent. */
  readonly decidedFor: NamedDecider | null;
  /** Of the API, where an approver sees all of it. */
  readonly path: string;
}

interface NamedDecider {
  readonly id: string;
  readonly name: string | null;
}

const maxRules = 50;
const maxTextLength = 300;

/** The body of a delivery. Its size is bounded whatever was named how: well under 16 KiB. */
export function approvalBody(event: WebhookEvent, occurredAt: Date, facts: ApprovalFacts): string {
  const data: ApprovalFacts = {
    ...facts,
    stepId: facts.stepId === null ? null : shortened(facts.stepId),
    target: shortened(facts.target),
    riskRules: [...new Set(facts.riskRules)].slice(0, maxRules),
    decidedBy: shortenedDecider(facts.decidedBy),
    decidedFor: shortenedDecider(facts.decidedFor),
  };
  return JSON.stringify({ type: event, timestamp: occurredAt.toISOString(), data });
}

/** The body of a delivery that somebody asked for to see that it arrives. */
export function testBody(webhookId: string, occurredAt: Date): string {
  return JSON.stringify({ type: testEvent, timestamp: occurredAt.toISOString(), data: { webhookId } });
}

function shortenedDecider(decider: NamedDecider | null): NamedDecider | null {
  return decider === null ? null : { id: shortened(decider.id), name: decider.name === null ? null : shortened(decider.name) };
}

function shortened(text: string): string {
  return text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength)}…`;
}
