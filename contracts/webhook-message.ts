import { z } from 'zod';

import { approvalKinds, approvalStatuses } from '../domain/approvals/approval.ts';
import { severities } from '../domain/severity.ts';
import { testEvent, webhookEvents, type ApprovalFacts } from '../domain/webhooks/webhook-event.ts';
import { environmentSchema } from './guard.ts';
import { timestampSchema } from './id.ts';

const deciderSchema = z.strictObject({
  id: z.string(),
  name: z.string().nullable().meta({ description: 'Of a member; null for anything else' }),
});

const approvalFactsSchema = z.strictObject({
  approvalId: z.string(),
  kind: z.enum(approvalKinds),
  projectId: z.string(),
  runId: z.string(),
  stepId: z.string().nullable().meta({ description: 'Null for a run as a whole' }),
  target: z.string(),
  environment: environmentSchema,
  risk: z.enum(severities),
  riskRules: z.array(z.string()).readonly().meta({ description: 'Ids of the rules that matched, the worst first' }),
  status: z.enum(approvalStatuses),
  quorum: z.int(),
  payloadHash: z.string(),
  requestedAt: timestampSchema,
  expiresAt: timestampSchema,
  decidedAt: timestampSchema.nullable(),
  decidedBy: deciderSchema.nullable(),
  decidedFor: deciderSchema.nullable().meta({ description: 'In whose place, where the right to decide was lent' }),
  path: z.string().meta({ description: 'Of the API, where an approver sees all of it' }),
});

const occurredAtSchema = timestampSchema.meta({ description: 'When it occurred; of an approval, by the clock of the database' });

/** What a receiver is sent. */
export const webhookMessageSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.enum(webhookEvents), timestamp: occurredAtSchema, data: approvalFactsSchema }),
    z.strictObject({ type: z.literal(testEvent), timestamp: occurredAtSchema, data: z.strictObject({ webhookId: z.string() }) }),
  ])
  .meta({ id: 'WebhookMessage' });

/** How it is signed: Standard Webhooks 1.0. */
export const webhookHeadersSchema = z.object({
  'webhook-id': z.string().meta({ description: 'The same in every attempt: what came before is dropped' }),
  'webhook-timestamp': z.string().meta({ description: 'Seconds since the epoch, of the attempt; refuse what is five minutes off' }),
  'webhook-signature': z.string().meta({
    description: 'base64 HMAC-SHA256 of `id.timestamp.body`, two of them while a secret is rotated',
    example: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  }),
});

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<z.output<typeof approvalFactsSchema>, ApprovalFacts>;
