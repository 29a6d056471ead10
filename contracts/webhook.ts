import { z } from 'zod';

import { deliveryStatuses } from '../domain/webhooks/delivery-plan.ts';
import { testEvent, webhookEvents } from '../domain/webhooks/webhook-event.ts';
import { idSchema, timestampSchema } from './id.ts';

const eventSchema = z.enum(webhookEvents).meta({ id: 'WebhookEvent' });
const eventsSchema = z
  .array(eventSchema)
  .min(1)
  .max(webhookEvents.length)
  .refine((events) => new Set(events).size === events.length, 'must name each event once')
  .readonly();
const urlSchema = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .max(2_000)
  .meta({ description: 'Where it is sent. The outbound policy holds: docs/egress.md' });

export const newWebhookSchema = z
  .strictObject({
    url: urlSchema,
    events: eventsSchema.default([...webhookEvents]).meta({ description: 'Default: all' }),
    projectId: idSchema('project').exactOptional().meta({ description: 'Default: every project of the organization' }),
  })
  .meta({ id: 'NewWebhook' });

export const webhookChangeSchema = z
  .strictObject({ url: urlSchema.exactOptional(), events: eventsSchema.exactOptional(), isEnabled: z.boolean().exactOptional() })
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({ id: 'WebhookChange' });

export const webhookSchema = z
  .strictObject({
    webhookId: idSchema('webhook'),
    projectId: idSchema('project').nullable().meta({ description: 'Null: every project of the organization' }),
    url: z.string(),
    events: z.array(eventSchema).readonly(),
    isEnabled: z.boolean(),
    disabledAt: timestampSchema.nullable(),
    disabledBy: z.string().nullable().meta({ description: 'A key, or `receiver`: it answered 410' }),
    previousSecretUntil: timestampSchema.nullable().meta({ description: 'Until then the secret before signs as well' }),
    createdAt: timestampSchema,
    createdBy: z.string(),
    pending: z.int().meta({ description: 'Deliveries that are under way or wait for their next attempt' }),
    failed: z.int().meta({ description: 'Deliveries of the last 30 days that were given up' }),
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof webhookSchema>;

/** A webhook at the one moment when its secret is shown. */
export const mintedWebhookSchema = webhookSchema
  .extend({ secret: z.string().meta({ description: 'Verifies signatures (Standard Webhooks, v1); it is not shown again' }) })
  .meta({ id: 'MintedWebhook' });

export const removedWebhookSchema = z.strictObject({ webhookId: idSchema('webhook') }).meta({ id: 'RemovedWebhook' });

export const deliveryStatusSchema = z.enum(deliveryStatuses).meta({ id: 'WebhookDeliveryStatus' });

export const deliverySchema = z
  .strictObject({
    deliveryId: idSchema('delivery').meta({ description: 'The `webhook-id` of every attempt' }),
    webhookId: idSchema('webhook'),
    event: z.enum([...webhookEvents, testEvent]),
    approvalId: idSchema('approval').nullable(),
    status: deliveryStatusSchema,
    attempts: z.int().meta({ description: 'Begun since it was made, or last asked for again' }),
    createdAt: timestampSchema,
    lastAttemptAt: timestampSchema.nullable(),
    nextAttemptAt: timestampSchema.nullable().meta({ description: 'Null once it has ended' }),
    endedAt: timestampSchema.nullable(),
    responseStatus: z.int().nullable().meta({ description: 'What the last attempt was answered with' }),
    failure: z.string().nullable().meta({ description: 'Why the last attempt had no answer: a name of docs/failures.md' }),
  })
  .meta({ id: 'WebhookDelivery' });
export type Delivery = z.infer<typeof deliverySchema>;

export const deliveryDetailSchema = deliverySchema
  .extend({ body: z.string().meta({ description: 'What is sent, byte for byte' }) })
  .meta({ id: 'WebhookDeliveryDetail' });
export type DeliveryDetail = z.infer<typeof deliveryDetailSchema>;
