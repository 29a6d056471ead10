import {
  ingestBatchSchema,
  ingestEventSchema,
  ingestResultSchema,
  maxToolBytes,
  type IngestEvent,
  type IngestResult,
} from '../../../contracts/ingest.ts';
import { insertEvents, type InsertedEvents, type NewEvent } from '../../../db/events/insert-events.ts';
import { withOrg } from '../../../db/with-org.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { issuesOf } from '../../parse-input.ts';
import { verifySignature } from '../../verify-signature.ts';
import { admitEvents } from './admit-events.ts';

type ItemError = IngestResult['errors'][number];
interface ValidEvents {
  readonly events: readonly { readonly index: number; readonly event: IngestEvent }[];
  readonly errors: readonly ItemError[];
}

export const ingestEvents = defineEndpoint({
  id: 'ingestEvents',
  method: 'post',
  path: '/api/ingest/events',
  tag: 'ingest',
  summary: 'Take a signed batch of events of a sidecar. Sending it again changes nothing',
  auth: 'sidecar',
  failures: [],
  // What an agent handed to a tool may hold anything; refusing it would lose the event.
  bodyRules: { maxBytes: 1_048_576, unstorableText: 'replace' },
  input: { body: ingestBatchSchema },
  output: { status: 200, description: 'What became of each event', schema: ingestResultSchema },
  handler: async ({ body, raw }, context) => {
    const { deps, principal } = context;
    verifySignature(raw, principal.signingKey, Date.now());
    const valid = validateEach(body.events);
    const items = valid.events.map(({ index, event }) => ({ index, event, eventId: event.eventId }));
    const { admitted, refused, retryAfterSeconds } = await admitEvents(context, items);
    const rows = admitted.map(({ event }) => toRow(event));
    const stored = await withOrg(deps.database, principal.orgId, (tx) => insertEvents(tx, principal, rows));
    const overLimit = refused.map(({ index, eventId }) => ({ index, eventId, message: overLimitMessage, retryAfterSeconds }));
    const batch = summarize({ events: admitted, errors: [...valid.errors, ...overLimit] }, stored);
    if (refused.length === 0) return batch;
    const detail = `${refused.length} of ${body.events.length} events are over the limit of ${deps.maxEventsPerMinute} a minute. Send them again in ${retryAfterSeconds} s.`;
    throw new OrdealError('rate_limited', detail, { retryAfterSeconds, members: { batch } });
  },
});

const overLimitMessage = 'is over the limit of events a minute';

function validateEach(items: readonly unknown[]): ValidEvents {
  const events: { index: number; event: IngestEvent }[] = [];
  const errors: ItemError[] = [];
  for (const [index, item] of items.entries()) {
    const parsed = ingestEventSchema.safeParse(item);
    if (parsed.success) events.push({ index, event: parsed.data });
    else
      errors.push({
        index,
        ...eventIdOf(item),
        message: issuesOf(parsed.error, ingestEventSchema, '')
          .map(({ field, message }) => `${field} ${message}`)
          .join('; '),
      });
  }
  return { events, errors };
}

function eventIdOf(item: unknown): { eventId?: string } {
  const eventId = typeof item === 'object' && item !== null ? (item as { readonly eventId?: unknown }).eventId : undefined;
  return typeof eventId === 'string' ? { eventId: eventId.slice(0, 200) } : {};
}

function toRow(event: IngestEvent): NewEvent {
  const bytes = event.tool === undefined ? 0 : Buffer.byteLength(JSON.stringify(event.tool));
  const isTruncated = bytes > maxToolBytes;
  return {
    eventId: event.eventId,
    stream: event.stream,
    sequence: event.sequence,
    type: event.type,
    probeId: event.probeId ?? null,
    tool:
      event.tool === undefined ? null : { ...event.tool, ...(isTruncated ? { arguments: truncated(event.tool.arguments, bytes) } : {}) },
    isTruncated,
    occurredAt: event.occurredAt,
  };
}

function truncated(value: unknown, bytes: number): Record<string, unknown> {
  return { $truncated: true, bytes, preview: JSON.stringify(value).slice(0, 4_096).toWellFormed() };
}

function summarize({ events, errors }: ValidEvents, { inserted, stored }: InsertedEvents): IngestResult {
  const counted = new Set<string>();
  const conflicts: ItemError[] = [];
  let duplicates = 0;
  for (const { index, event } of events) {
    const { eventId, stream, sequence } = event;
    if (inserted.has(eventId) && !counted.has(eventId)) counted.add(eventId);
    else if (stored.has(eventId)) duplicates += 1;
    else conflicts.push({ index, eventId, message: `sequence ${sequence} of stream "${stream}" belongs to another event already` });
  }
  return { accepted: counted.size, duplicates, errors: [...errors, ...conflicts].toSorted((a, b) => a.index - b.index) };
}
