import { z } from 'zod';
import { promptVariableNames } from '../../domain/template.ts';
import { expectStatusSchema, ownRequestShape } from './own-request.ts';
import { sendingStepShape } from './step-base.ts';

/** A request to the target's own origin, and how to judge the response. */
export const httpRequestSchema = z.strictObject({
  ...sendingStepShape,
  kind: z.literal('http_request'),
  ...ownRequestShape(promptVariableNames),
  expectStatus: expectStatusSchema('Statuses from 400 on that are answers to judge'),
});
