import { z } from 'zod';

import { ingestResultSchema } from './ingest.ts';

/** The body of every answer that is not a success (RFC 9457). */
export const problemSchema = z
  .strictObject({
    type: z.string().meta({ description: '`urn:ordeal:problem:` and a name of docs/failures.md', example: 'urn:ordeal:problem:not_found' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened, to which thing, and what to do' }),
    instance: z.string().meta({ description: 'Path of the request' }),
    requestId: z.string(),
    issues: z
      .array(z.strictObject({ field: z.string().meta({ example: 'definition.url' }), message: z.string() }))
      .readonly()
      .optional(),
    quota: z
      .strictObject({ name: z.string(), limit: z.number(), used: z.number(), resetAt: z.string().nullable() })
      .optional()
      .meta({ description: 'Of `quota_exceeded`: which quota, and when it begins anew (null: when something is given back)' }),
    winner: z
      .strictObject({ status: z.string(), decidedBy: z.string(), decidedAt: z.string() })
      .optional()
      .meta({ description: 'Of `conflict`, for a decision that came too late: who or what had decided' }),
    batch: ingestResultSchema.optional().meta({ description: 'Of a batch of events that was not taken whole: what became of each' }),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;
