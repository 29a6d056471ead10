import { z } from 'zod';

import { plans, quotaNames } from '../domain/quotas.ts';
import { timestampSchema } from './id.ts';

export const usageSchema = z
  .strictObject({
    plan: z.enum(plans),
    retentionDays: z.int().nullable().meta({ description: 'For how long what came in is kept, and counted; null: for ever' }),
    quotas: z
      .array(
        z.strictObject({
          name: z.enum(quotaNames),
          limit: z.number().nullable().meta({ description: 'null: no limit' }),
          used: z.number().nullable().meta({
            description: 'null for what is not counted over an organization: runMinutes and eventsPerRun, which hold for each run',
          }),
          resetAt: timestampSchema.nullable().meta({ description: 'When it begins anew; null: as something is given up, or as days pass' }),
        }),
      )
      .readonly(),
    asOf: timestampSchema,
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof usageSchema>;
