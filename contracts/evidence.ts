import { z } from 'zod';
import type { EvidenceRef } from '../domain/detection.ts';
import type { DetectorKind } from '../domain/script.ts';
import { detectorSchema } from './detector.ts';

const kinds = detectorSchema.options.map((option) => option.shape.kind.value);
export const detectorKindSchema: z.ZodType<DetectorKind> = z.enum(kinds as [DetectorKind, ...DetectorKind[]]);

/** Which answer of a probe that has several: the conversation, and the exchange in it, both from 1. */
const exchangePlaceSchema = z.strictObject({ conversationNo: z.int(), exchangeNo: z.int() });

/** Where to look: a span of the answer's text, or an event of the sidecar. */
export const evidenceRefSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('answer_span'),
      start: z.int(),
      end: z.int(),
      excerpt: z.string(),
      exchange: exchangePlaceSchema.exactOptional(),
    }),
    z.strictObject({ kind: z.literal('event'), eventId: z.string(), excerpt: z.string() }),
  ])
  .meta({ id: 'EvidenceRef' });

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<z.infer<typeof evidenceRefSchema>, EvidenceRef>;
