import { z } from 'zod';
import { cleanupMethods } from '../../domain/target.ts';
import { cleanupVariableNames } from '../../domain/template.ts';
import { expectStatusSchema, requestShape } from './own-request.ts';

/** A request to the target's own origin that takes back what a step has left behind. */
export const cleanupSchema = z.strictObject({
  ...requestShape(cleanupVariableNames, cleanupMethods),
  expectStatus: expectStatusSchema('Statuses from 400 on that mean that nothing is left, such as 404'),
  idempotent: z
    .boolean()
    .exactOptional()
    .meta({ description: 'Whether it may be sent again when its end is unknown. Default: true for DELETE, PUT and GET (RFC 9110)' }),
});
