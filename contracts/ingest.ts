import { z } from 'zod';
import { sideEffects } from '../domain/script.ts';
import { sidecarEventTypes } from '../domain/sidecar-event.ts';

const maxEventsPerBatch = 100;
export const maxToolBytes = 64 * 1024;

/** Without line breaks and other control characters, so that it can be shown and compared anywhere. */
const labelSchema = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .refine(
      (text) => !Array.from(text).some((character) => character < ' ' || character === '\u007f' || character === '\uFFFD'),
      'must not hold control characters',
    );

export const ingestEventSchema = z
  .strictObject({
    eventId: labelSchema(200),
    stream: labelSchema(100).meta({ description: 'One process life of the agent' }),
    sequence: z.int().min(1).meta({ description: 'From 1 without gaps, over all events of the stream' }),
    type: z.enum(sidecarEventTypes),
    probeId: z.string().max(100).nullish().meta({ description: 'From the header x-ordeal-probe-id of the request' }),
    traceparent: z.string().max(200).nullish(),
    occurredAt: z.iso
      .datetime({ offset: true, error: 'must be ISO 8601 with a time zone' })
      .meta({ override: ({ jsonSchema }) => void delete jsonSchema.pattern }),
    tool: z
      .strictObject({
        name: z.string().min(1).max(200),
        arguments: z.record(z.string(), z.unknown()).meta({ override: { type: 'object' } }),
        effect: z.enum(sideEffects),
        executed: z.boolean(),
      })
      .optional(),
  })
  .superRefine((event, context) => {
    if (event.type === 'tool_call' && event.tool === undefined)
      context.addIssue({ code: 'custom', path: ['tool'], message: 'is required for a tool_call' });
    if (event.type !== 'tool_call' && event.tool !== undefined)
      context.addIssue({ code: 'custom', path: ['tool'], message: `does not belong to a ${event.type}` });
  })
  .meta({ id: 'SidecarEvent' });
export type IngestEvent = z.output<typeof ingestEventSchema>;

/** Items are validated one by one, so that a bad one does not cost the good ones. */
export const ingestBatchSchema = z
  .strictObject({
    events: z
      .array(z.unknown().meta({ override: { $ref: '#/components/schemas/SidecarEvent' } }))
      .min(1, 'must hold at least one event')
      .max(maxEventsPerBatch, `must hold at most ${maxEventsPerBatch} events`),
  })
  .meta({ id: 'EventBatch' });

export const ingestResultSchema = z
  .strictObject({
    accepted: z.int(),
    duplicates: z.int(),
    errors: z
      .array(
        z.strictObject({
          index: z.int(),
          eventId: z.string().optional(),
          message: z.string(),
          retryAfterSeconds: z.int().optional().meta({ description: 'Only where the same event will be taken later' }),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'IngestResult' });
export type IngestResult = z.infer<typeof ingestResultSchema>;
