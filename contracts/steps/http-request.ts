import { z } from 'zod';
import { promptVariableNames } from '../../domain/template.ts';
import { ownRequestShape } from './own-request.ts';
import { sendingStepShape } from './step-base.ts';

/** A request to the target's own origin, and how to judge the response. */
export const httpRequestSchema = z.strictObject({
  ...sendingStepShape,
  kind: z.literal('http_request'),
  ...ownRequestShape(promptVariableNames),
  expectStatus: z
    .array(z.int().min(400).max(599))
    .min(1)
    .max(20)
    .readonly()
    .exactOptional()
    .meta({ description: 'Statuses from 400 on that are answers to judge' }),
});
