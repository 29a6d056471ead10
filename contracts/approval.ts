import { z } from 'zod';

import { approvalKinds, approvalStatuses, approvalVerdicts } from '../domain/approvals/approval.ts';
import type { ApprovalPreview } from '../domain/approvals/approval-preview.ts';
import { severities } from '../domain/severity.ts';
import { environmentSchema } from './guard.ts';
import { idSchema, timestampSchema } from './id.ts';
import { wordsSchema } from './text.ts';

const statusSchema = z.enum(approvalStatuses).meta({ id: 'ApprovalStatus' });
const verdictSchema = z.enum(approvalVerdicts).meta({ id: 'ApprovalVerdict' });
const riskLevelSchema = z.enum(severities);

export const riskMatchSchema = z.strictObject({
  rule: z.string(),
  level: riskLevelSchema,
  title: z.string(),
  where: z.string(),
  span: z
    .tuple([z.int(), z.int()])
    .readonly()
    .nullable()
    .meta({ description: 'UTF-16 offsets into the text that `where` names; null where it is decoded, or no text' }),
  excerpt: z.string(),
});

/** What an inbox shows of a request to approve. */
export const approvalSchema = z
  .strictObject({
    approvalId: idSchema('approval'),
    kind: z.enum(approvalKinds).meta({ description: '`exchange`: one request to the target. `run`: a run as a whole' }),
    projectId: idSchema('project'),
    runId: idSchema('run'),
    stepId: z.string().nullable(),
    title: z.string().meta({ description: 'Of the step, or what the run is' }),
    target: z.string(),
    environment: environmentSchema,
    risk: riskLevelSchema,
    status: statusSchema,
    isOverdue: z
      .boolean()
      .meta({ description: 'It is still `pending`, but its time is over: it can no longer be approved, and will be `expired`' }),
    quorum: z.int(),
    payloadHash: z.string().meta({ description: 'SHA-256 of exactly what would be sent; a decision counts for nothing else' }),
    requestedAt: timestampSchema,
    expiresAt: timestampSchema.meta({ description: 'By the clock of the database' }),
    remindedAt: timestampSchema.nullable().meta({ description: 'When people were last reminded of it' }),
    decidedAt: timestampSchema.nullable(),
    decidedBy: z.string().nullable(),
    decidedFor: z.string().nullable().meta({ description: 'The member in whose place, where the right to decide was lent' }),
  })
  .meta({ id: 'Approval' });
export type Approval = z.infer<typeof approvalSchema>;

/** A request as a person reads it. */
export const shownRequestSchema = z.strictObject({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()).meta({ description: 'Without the credential, and without tracing' }),
  body: z.string().nullable(),
});
const exchangePreviewSchema = shownRequestSchema.extend({
  kind: z.literal('exchange'),
  target: z.string(),
  environment: environmentSchema,
  script: z.string(),
  title: z.string(),
  category: z.string(),
  strategy: z.string(),
  prompt: z.string().nullable(),
  document: z.string().nullable().meta({ description: 'What the agent is to find at an address of Ordeal' }),
  cleanup: shownRequestSchema.nullable().meta({ description: 'What is sent when the run ends, to clean up after it' }),
});
const runPreviewSchema = z.strictObject({
  kind: z.literal('run'),
  target: z.string(),
  environment: environmentSchema,
  scripts: z.array(z.string()).readonly(),
  probes: z.int(),
});

export const approvalDetailSchema = approvalSchema
  .extend({
    preview: z.discriminatedUnion('kind', [exchangePreviewSchema, runPreviewSchema]),
    riskMatches: z.array(riskMatchSchema).readonly().meta({ description: 'Every reason for the risk, the worst first' }),
    policyRule: z
      .strictObject({ policyId: z.string().nullable(), version: z.int(), name: z.string() })
      .nullable()
      .meta({ description: 'Which rule asked, as it was then; null for a run in production' }),
    excludedMembers: z.array(z.string()).readonly().meta({ description: 'Who asked for the run or edited its scripts or target' }),
    decisions: z
      .array(
        z.strictObject({
          memberId: z.string(),
          forMemberId: z.string().nullable().meta({ description: 'In whose place, where the right to decide was lent' }),
          delegationId: z.string().nullable(),
          verdict: verdictSchema,
          comment: z.string().nullable(),
          effect: z.enum(['counted', 'late', 'excluded']),
          via: z.string().meta({ description: '`api`, or the id of the token' }),
          appliedAt: timestampSchema,
        }),
      )
      .readonly()
      .meta({ description: 'The first 100, late ones too' }),
  })
  .meta({ id: 'ApprovalDetail' });
export type ApprovalDetail = z.infer<typeof approvalDetailSchema>;

const commentSchema = wordsSchema('must say something, or be left out');

export const newDecisionSchema = z
  .strictObject({ verdict: verdictSchema, comment: commentSchema.optional() })
  .superRefine(({ verdict, comment }, context) => {
    if (verdict === 'reject' && comment === undefined)
      context.addIssue({ code: 'custom', path: ['comment'], message: 'a rejection needs a comment' });
  })
  .meta({ id: 'NewDecision' });

export const decisionTokenSchema = z
  .strictObject({
    token: z.string().meta({ description: 'Shown once. Whoever holds it can decide, once, in the name of the member who asked for it' }),
    expiresAt: timestampSchema,
    workflowId: z.string().meta({ description: 'The workflow that takes it as the signal `decideApproval`' }),
  })
  .meta({ id: 'DecisionToken' });

export const tokenUseSchema = z.strictObject({ token: z.string().min(1).max(700) }).meta({ id: 'TokenUse' });

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<ApprovalDetail['preview'], ApprovalPreview>;
