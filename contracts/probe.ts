import { z } from 'zod';
import { judgeAnswers } from '../domain/model-judge/opinion.ts';
import { outcomes } from '../domain/outcome.ts';
import { detectorKindSchema, evidenceRefSchema } from './evidence.ts';
import { idSchema, timestampSchema } from './id.ts';
import { modelCallSchema } from './model-use.ts';
import { stepSchema } from './step.ts';
import { sidecarEventTypes } from '../domain/sidecar-event.ts';
import { severities } from '../domain/severity.ts';

const probeShape = {
  probeId: idSchema('probe'),
  runId: idSchema('run'),
  scriptSlug: z.string(),
  stepId: z.string(),
  variantNo: z.int(),
  style: z.string().meta({ description: 'The manner in which it is asked: `plain`, or a style of GET /api/styles' }),
  promptVariant: z.int().meta({ description: 'From 1, within style and strategy' }),
  strategy: z.string().meta({ description: 'How the prompt was put: `plain` as written, or a strategy of GET /api/strategies' }),
  title: z.string(),
  category: z.string(),
  severity: z.enum(severities),
  outcome: z.enum(outcomes).nullable().meta({ description: 'null until it is judged' }),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  failure: z.string().nullable().meta({ description: 'The failure that decided the outcome: a name of docs/failures.md' }),
  judgedAt: timestampSchema.nullable(),
} as const;

export const probeSchema = z.strictObject({ ...probeShape, attempts: z.int() }).meta({ id: 'Probe' });
export type Probe = z.infer<typeof probeSchema>;

const exchangePlaceShape = {
  conversationNo: z.int().meta({ description: 'From 1. Above 1 the conversation was begun again in a fresh session' }),
  exchangeNo: z.int().meta({ description: 'From 1: a request and its answer, the turns of a conversation' }),
} as const;

export const attemptSchema = z
  .strictObject({
    attemptId: idSchema('attempt'),
    ...exchangePlaceShape,
    attemptNo: z.int().meta({ description: 'From 1, within the exchange' }),
    state: z.enum(['open', 'answered', 'failed', 'indeterminate']),
    prompt: z.string().nullable(),
    request: z.strictObject({
      method: z.string(),
      url: z.string(),
      headers: z.record(z.string(), z.string()),
      body: z.string().nullable(),
    }),
    wasSent: z.boolean().nullable(),
    response: z
      .strictObject({
        status: z.int(),
        headers: z.record(z.string(), z.string()),
        bodyBase64: z.string().meta({ description: 'The decoded bytes, lossless' }),
      })
      .nullable(),
    answerText: z.string().nullable(),
    failure: z.string().nullable(),
    failureDetail: z.string().nullable(),
    retryAfterSeconds: z.int().nullable(),
    latencyMs: z.number().nullable(),
    openedAt: timestampSchema,
    closedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'Attempt' });
export type AttemptView = z.infer<typeof attemptSchema>;

const detectionSchema = z.strictObject({
  detector: detectorKindSchema,
  version: z.int(),
  fired: z.boolean(),
  confidence: z.number(),
  summary: z.string(),
  evidence: z.array(evidenceRefSchema).readonly(),
  model: z.string().exactOptional().meta({ description: 'The language model that said it, where one did' }),
});

const opinionSchema = z
  .strictObject({
    criterion: z.string(),
    framingVersion: z.int().meta({ description: 'How the recording was put before the judge' }),
    said: z.enum(judgeAnswers).nullable().meta({ description: 'null when the judge was at fault' }),
    confidence: z.number().nullable(),
    rationale: z.string().nullable(),
    model: z.string().nullable(),
    failure: z.string().nullable().meta({ description: 'A name of docs/failures.md' }),
    failureDetail: z.string().nullable(),
    at: timestampSchema,
  })
  .meta({ id: 'JudgeOpinion' });
export type OpinionView = z.infer<typeof opinionSchema>;

const eventsSchema = z.strictObject({
  completeness: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('complete') }),
    z.strictObject({ kind: z.literal('open'), detail: z.string() }),
    z.strictObject({ kind: z.literal('gap'), missing: z.int() }),
  ]),
  events: z
    .array(
      z.strictObject({
        eventId: z.string(),
        stream: z.string(),
        sequence: z.int(),
        type: z.enum(sidecarEventTypes),
        tool: z.unknown().optional().meta({ override: {} }),
      }),
    )
    .readonly(),
});

export const probeDetailSchema = z
  .strictObject({
    ...probeShape,
    step: stepSchema.meta({ id: 'Step' }),
    transcript: z
      .array(
        z.strictObject({
          role: z.enum(['ordeal', 'agent']),
          text: z.string(),
          attemptId: idSchema('attempt'),
          ...exchangePlaceShape,
          at: timestampSchema,
        }),
      )
      .readonly(),
    attempts: z.array(attemptSchema).readonly(),
    detections: z.array(detectionSchema).readonly(),
    opinion: opinionSchema.nullable().meta({ description: 'What the judge said, or its fault; null when it was not asked' }),
    modelCalls: z
      .array(modelCallSchema)
      .readonly()
      .meta({ description: 'Requests to language models for this probe, oldest first, the first 200' }),
    sidecar: eventsSchema,
  })
  .meta({ id: 'ProbeDetail' });
export type ProbeDetail = z.infer<typeof probeDetailSchema>;
