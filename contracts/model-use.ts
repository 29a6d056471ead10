import { z } from 'zod';

import { modelPurposes } from '../domain/model-purpose.ts';
import { timestampSchema } from './id.ts';
import type { ModelUse } from '../domain/model-use.ts';

/** What one model was used for, added up. */
export const modelUseSchema = z
  .strictObject({
    purpose: z.enum(modelPurposes),
    model: z.string().meta({ description: 'As configured' }),
    calls: z.int(),
    failedCalls: z.int(),
    openCalls: z.int().meta({ description: 'Sent by a process that died, so that nobody knows what they used; or still in flight' }),
    tokensIn: z.int(),
    tokensOut: z.int(),
    isEstimated: z.boolean().meta({ description: 'Some of the tokens were reckoned, because the server did not tell' }),
    costMicros: z.int().nullable().meta({ description: 'Millionths of a US dollar; null when the model has no configured price' }),
  })
  .meta({ id: 'ModelUse' });

export const modelCallSchema = z
  .strictObject({
    purpose: z.enum(modelPurposes),
    position: z.int().meta({ description: 'Which model of the chain, from 1' }),
    model: z.string().meta({ description: 'As configured' }),
    servedModel: z.string().nullable().meta({ description: 'What it calls itself' }),
    state: z.enum(['open', 'answered', 'failed']),
    failure: z.string().nullable(),
    failureDetail: z.string().nullable(),
    tokensIn: z.int().nullable(),
    tokensOut: z.int().nullable(),
    costMicros: z.int().nullable(),
    isEstimated: z.boolean(),
    latencyMs: z.int().nullable(),
    openedAt: timestampSchema,
  })
  .meta({ id: 'ModelCall' });
export type ModelCallView = z.infer<typeof modelCallSchema>;

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<z.infer<typeof modelUseSchema>, ModelUse>;
