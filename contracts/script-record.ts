import { z } from 'zod';
import { idSchema, timestampSchema } from './id.ts';
import { normaliseScript } from '../domain/steps/parameter-aliases.ts';
import { scriptDefinitionSchema } from './script.ts';

/** A script as it is listed. */
export const scriptSchema = z
  .strictObject({
    scriptId: idSchema('script'),
    slug: z.string(),
    title: z.string(),
    description: z.string(),
    isBuiltin: z.boolean(),
    latestVersion: z.int(),
    steps: z.int(),
    createdAt: timestampSchema,
  })
  .meta({ id: 'Script' });
export type ScriptRecord = z.infer<typeof scriptSchema>;

export const scriptDetailSchema = z
  .strictObject({
    scriptId: idSchema('script'),
    slug: z.string(),
    isBuiltin: z.boolean(),
    version: z.int(),
    latestVersion: z.int(),
    definition: scriptDefinitionSchema.meta({ id: 'ScriptDefinition' }),
    createdAt: timestampSchema,
  })
  .meta({ id: 'ScriptDetail' });
export type ScriptDetail = z.infer<typeof scriptDetailSchema>;

/** Parameters may have their other names; see `domain/steps/parameter-aliases.ts`. */
export const newScriptSchema = z.preprocess((given) => normaliseScript(given).value, scriptDefinitionSchema).meta({ id: 'NewScript' });

export const scriptVersionSchema = z
  .strictObject({
    scriptId: idSchema('script'),
    slug: z.string(),
    version: z.int(),
    isNewVersion: z.boolean(),
    notices: z
      .array(z.strictObject({ field: z.string(), message: z.string() }))
      .readonly()
      .meta({ description: 'What was taken although it is written in another way than documented' }),
  })
  .meta({ id: 'ScriptVersion' });
