import { z } from 'zod';
import { policyActions, policyScopes, type PolicyDocument } from '../domain/policy/policy.ts';
import { environments } from '../domain/risk/assess-risk.ts';
import { riskRules } from '../domain/risk/risk-rules.ts';
import { sideEffects, stepKinds } from '../domain/script.ts';
import { severities } from '../domain/severity.ts';
import { idSchema, timestampSchema } from './id.ts';

const ruleIds = [...riskRules.map(({ id }) => id), 'request.method', 'step.effect', 'environment.production'];

const riskRulePattern = z.string().refine(
  (pattern) => {
    const isFamily = pattern.endsWith('*');
    return isFamily ? ruleIds.some((id) => id.startsWith(pattern.slice(0, -1))) : ruleIds.includes(pattern);
  },
  `must be one of ${ruleIds.join(', ')}, or the beginning of some with a * at its end`,
);
const categoryPattern = z.string().regex(/^(?:[A-Z]{2,5}-\d{2}|[A-Z]{2,5}-\*)$/, 'must look like TOOL-01, or TOOL-* for all of its family');

const listOf = <Item extends z.ZodType>(item: Item) =>
  z.array(item).min(1, 'must name one; leave it out to fit all').max(100).readonly().exactOptional();

const conditionSchema = z.strictObject({
  risk: listOf(z.enum(severities)),
  categories: listOf(categoryPattern),
  effects: listOf(z.enum(sideEffects)),
  environments: listOf(z.enum(environments)),
  kinds: listOf(z.enum(stepKinds)),
  riskRules: listOf(riskRulePattern),
});

const policyRuleSchema = z
  .strictObject({
    name: z.string().min(1).max(200),
    when: conditionSchema,
    action: z.enum(policyActions),
    quorum: z.int().min(1).max(10).exactOptional(),
    expiresInHours: z
      .number()
      .min(0.01)
      .max(24 * 30)
      .exactOptional(),
  })
  .superRefine((rule, context) => {
    if (rule.action === 'approve') return;
    for (const name of ['quorum', 'expiresInHours'] as const) {
      if (rule[name] !== undefined)
        context.addIssue({ code: 'custom', path: [name], message: `has no meaning where the rule says "${rule.action}"` });
    }
  });

/** A policy as its author writes it. */
export const policyDocumentSchema = z
  .strictObject({
    rules: z.array(policyRuleSchema).min(1, 'a policy needs at least one rule').max(200).superRefine(refuseUnreachable).readonly(),
    runApproval: z.strictObject({ atLeast: z.enum(severities) }).exactOptional(),
  })
  .meta({ id: 'PolicyDocument' });

/** A rule behind one that fits everything is a rule that its author believes in, and that never decides. */
function refuseUnreachable(rules: readonly { readonly name: string; readonly when: object }[], context: z.RefinementCtx): void {
  const last = rules.findIndex(({ when }) => Object.keys(when).length === 0);
  if (last < 0 || last === rules.length - 1) return;
  context.addIssue({
    code: 'custom',
    path: [last + 1],
    message: `is never reached: rule ${last} ("${rules[last]?.name ?? ''}") fits everything`,
  });
}

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<z.infer<typeof policyDocumentSchema>, PolicyDocument>;

const scopeSchema = idSchema('project').nullable().meta({ description: 'Null for the policy of the whole organization' });

export const newPolicySchema = z
  .strictObject({
    projectId: scopeSchema,
    document: policyDocumentSchema,
    basedOn: z.int().min(0).optional().meta({
      description: 'The version that this one was edited from, 0 for none: refused when there is another by now. Default: not asked',
    }),
  })
  .meta({ id: 'NewPolicy' });

export const policySchema = z
  .strictObject({
    policyId: idSchema('policy'),
    projectId: scopeSchema,
    version: z.int().min(1),
    document: policyDocumentSchema,
    createdBy: z.string(),
    createdAt: timestampSchema,
  })
  .meta({ id: 'Policy' });
export type Policy = z.infer<typeof policySchema>;

export const policyCheckSchema = z
  .strictObject({
    document: policyDocumentSchema.optional(),
    replaces: z
      .enum(policyScopes)
      .default('organization')
      .meta({ description: 'Whose policy the document is tried as; the other one stays as it is' }),
  })
  .meta({ id: 'NewPolicyCheck' });

/** What becomes of a plan as a whole. */
export const planDecisionShape = {
  needsRunApproval: z.boolean().meta({ description: 'Whether the run waits for an approval before its first request' }),
  worstRisk: z.enum(severities),
  counts: z
    .strictObject({ allow: z.int(), approve: z.int(), refuse: z.int() })
    .meta({ description: 'Probes of the plan that send something, by the strictest that becomes of their requests' }),
} as const;

export const policyCheckResultSchema = z
  .strictObject({
    runId: idSchema('run'),
    ...planDecisionShape,
    probes: z
      .array(
        z.strictObject({
          probeId: idSchema('probe'),
          stepId: z.string(),
          risk: z.enum(severities),
          riskRules: z.array(z.string()).readonly(),
          action: z.enum(policyActions),
          rule: z.string().nullable(),
        }),
      )
      .readonly()
      .meta({ description: 'The first 500 that would not simply be sent' }),
  })
  .meta({ id: 'PolicyCheck' });
export type PlanCheck = z.infer<typeof policyCheckResultSchema>;
