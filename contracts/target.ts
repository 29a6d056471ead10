import { z } from 'zod';
import { targetAuthKinds, type TargetDefinition } from '../domain/target.ts';
import { idSchema, timestampSchema } from './id.ts';
import { clientCertificateSchema, targetAuthSchema } from './target-auth.ts';
import { targetDefinitionSchema } from './target-definition.ts';
import { nameSchema } from './text.ts';

export const newTargetSchema = z
  .strictObject({
    name: nameSchema,
    definition: targetDefinitionSchema,
    auth: targetAuthSchema.optional(),
    clientCertificate: clientCertificateSchema.optional(),
  })
  .meta({ id: 'NewTarget' });

/** What is left out stays as it is; `null` removes a credential. */
export const targetChangeSchema = z
  .strictObject({
    name: nameSchema.optional(),
    definition: targetDefinitionSchema.optional().meta({
      description: 'Replaces the whole definition. A URL of another origin clears the credentials that do not come with it',
    }),
    auth: targetAuthSchema.nullable().optional(),
    clientCertificate: clientCertificateSchema.nullable().optional(),
    revision: z.int().min(1).optional().meta({ description: 'The revision that the change is meant for; another one answers 409' }),
  })
  .meta({ id: 'TargetChange' });
export type TargetChange = z.infer<typeof targetChangeSchema>;

/** A definition as it is stored, shown without the checks of its input. */
const shownDefinitionSchema = z
  .custom<TargetDefinition>()
  .meta({ id: 'StoredTargetDefinition', override: { type: 'object', description: 'The definition with every default filled in' } });

export const targetSchema = z
  .strictObject({
    targetId: idSchema('target'),
    projectId: idSchema('project'),
    name: z.string(),
    definition: shownDefinitionSchema,
    authKind: z.enum(targetAuthKinds).nullable().meta({ description: 'Which kind of credential is stored; never the credential' }),
    hasClientCertificate: z.boolean(),
    revision: z.int().meta({ description: 'Counts the changes, from 1' }),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
  })
  .meta({ id: 'Target' });
export type Target = z.infer<typeof targetSchema>;

const testProblemSchema = z.strictObject({ failure: z.string(), title: z.string(), detail: z.string() });

/** What was sent to the target, what came back, what was read out of it, and what to change. */
export const targetTestSchema = z
  .strictObject({
    ok: z.boolean(),
    request: z
      .strictObject({ method: z.string(), url: z.string(), headers: z.record(z.string(), z.string()), body: z.string().nullable() })
      .nullable()
      .meta({ description: 'Credentials are masked' }),
    response: z
      .strictObject({
        status: z.int(),
        headers: z.record(z.string(), z.string()),
        body: z.string().meta({ description: 'The first 4,096 characters' }),
        latencyMs: z.number(),
      })
      .nullable(),
    answer: z
      .strictObject({
        text: z.string(),
        sessionId: z.string().nullable(),
        toolCalls: z.array(z.string()).readonly().meta({ description: 'Tools that the model asked for' }),
      })
      .nullable(),
    problem: testProblemSchema.nullable(),
    advice: z.array(z.string()).readonly(),
  })
  .meta({ id: 'TargetTest' });
export type TargetTest = z.infer<typeof targetTestSchema>;
