import { z } from 'zod';

import { policyActions } from '../domain/policy/policy.ts';
import { severities } from '../domain/severity.ts';
import { riskMatchSchema, shownRequestSchema } from './approval.ts';
import { idSchema } from './id.ts';
import { pageOf } from './page.ts';
import { planDecisionShape } from './policy.ts';

const firstRequestSchema = z
  .strictObject({
    kind: z.literal('request'),
    method: z.string(),
    url: z.string(),
    headers: z.record(z.string(), z.string()).meta({ description: 'Without the credential, and without tracing' }),
    body: z.string().nullable(),
    prompt: z.string().nullable().meta({ description: 'What the agent is told, as it reads in the body' }),
    document: z.string().nullable().meta({ description: 'What the agent is to find at an address of Ordeal' }),
    cleanup: shownRequestSchema.nullable().meta({ description: 'What is sent when the run ends, to clean up after it' }),
    isCut: z.boolean().meta({ description: 'Whether any of these texts is longer than is shown here' }),
    payloadHash: z
      .string()
      .nullable()
      .meta({ description: 'The hash that an approval of it will be bound to; null where `unknown` says what is still open' }),
    unknown: z
      .array(z.enum(['answers', 'session_id']))
      .readonly()
      .meta({ description: 'What it will hold of earlier steps of its script, and is not shown' }),
  })
  .meta({ description: 'The first request, as it will be sent' });

const firstMoveSchema = z.discriminatedUnion('kind', [
  firstRequestSchema,
  z
    .strictObject({ kind: z.literal('attack'), goal: z.string(), isCut: z.boolean() })
    .meta({ description: 'An attacker model words it when the run comes to it' }),
  z.strictObject({ kind: z.literal('nothing'), detail: z.string() }).meta({ description: 'Nothing is sent, and why' }),
]);

const planPolicySchema = z.strictObject({
  action: z.enum(policyActions).meta({ description: 'allow: sent. approve: waits for people. refuse: not sent' }),
  rule: z.string().nullable().meta({ description: 'The rule that decides; null when none fits' }),
  quorum: z.int(),
  expiresInHours: z.number(),
});

/** One probe of a plan, as it was fixed when the run was planned, and what would become of it now. */
export const planRowSchema = z
  .strictObject({
    probeId: idSchema('probe'),
    sequenceNo: z.int().meta({ description: 'The script in one way: its steps share a session' }),
    position: z.int().meta({ description: 'The step in it' }),
    scriptSlug: z.string(),
    scriptVersion: z.int(),
    stepId: z.string(),
    stepTitle: z.string(),
    variantNo: z.int(),
    style: z.string(),
    promptVariant: z.int(),
    strategy: z.string(),
    promptSource: z.string().meta({ description: '`script`, `engine/VERSION` or `model/NAME`' }),
    seed: z.string(),
    promptDigest: z.string().nullable().meta({ description: 'SHA-256 of the prompt before its variables are filled in' }),
    stepDigest: z.string().meta({ description: 'SHA-256 of the whole step as canonical JSON' }),
    first: firstMoveSchema,
    risk: z
      .strictObject({ level: z.enum(severities), matches: z.array(riskMatchSchema).readonly() })
      .nullable()
      .meta({ description: 'Of the first request, with the first 20 reasons; null where nothing is sent' }),
    policy: planPolicySchema.nullable().meta({ description: 'What the policies say of the first request now; null where nothing is sent' }),
    later: z.strictObject({ exchanges: z.int().nullable(), approve: z.int(), refuse: z.int() }).meta({
      description:
        'Exchanges after the first, and how many of them would wait or be refused as far as is known: each is assessed when it is sent',
    }),
  })
  .meta({ id: 'PlanRow' });
export type PlanRowView = z.infer<typeof planRowSchema>;

export const planPageSchema = pageOf(planRowSchema).extend({
  plan: z
    .strictObject(planDecisionShape)
    .nullable()
    .meta({ description: 'What would become of the whole plan now; with the first page alone' }),
});
