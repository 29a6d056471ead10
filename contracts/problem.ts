import { z } from 'zod';

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
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;
