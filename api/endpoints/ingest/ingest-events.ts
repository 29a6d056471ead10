import {
  ingestBatchSchema,
  ingestEventSchema,
  ingestResultSchema,
  maxToolBytes,
  type IngestEvent,
  type IngestResult,
} from '../../../contracts/ingest.ts';
import type { NewEvent } from '../../../db/events/insert-events.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { describeQuota } from '../../../domain/quotas.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { issuesOf, ownWords } from '../../parse-input.ts';
import { verifySignature } from '../../verify-signature.ts';
import { limitEvents } from './limit-events.ts';
import { storeEvents, type StoredBatch } from './store-events.ts';

type ItemError = IngestResult['errors'][number];
/** An event, and its place in the batch. */
type Item = NewEvent & { readonly index: number };
interface ValidEvents {
  readonly events: readonly Item[];
  readonly errors: readonly ItemError[];
}

export const ingestEvents = defineEndpoint({
  id: 'ingestEvents',
  method: 'post',
  path: '/api/ingest/events',
  tag: 'ingest',
  summary: 'Take a signed batch of events of a sidecar. Sending it again changes nothing',
  auth: 'sidecar',
  failures: ['quota_exceeded'],
  // What an agent handed to a tool may hold anything; refusing it would lose the event.
  bodyRules: { maxBytes: 1_048_576, unstorableText: 'replace' },
  input: { body: ingestBatchSchema },
  output: { status: 200, description: 'What became of each event', schema: ingestResultSchema },
  handler: async ({ body, raw }, context) => {
    const { deps, principal } = context;
    verifySignature(raw, principal.signingKey, Date.now());
    const valid = validateEach(body.events);
    const limited = await limitEvents(context, valid.events);
    const stored = await storeEvents(context, limited.admitted);
    const overQuota = stored.refused.map(({ item, crossing }) => refusal(item, `is over the quota of ${describeQuota(crossing)}`));
    const { retryAfterSeconds } = limited;
    const overLimit = limited.refused.map((item) => ({ ...refusal(item, 'is over the limit of events a minute'), retryAfterSeconds }));
    const batch = summarize(stored, [...valid.errors, ...overQuota, ...overLimit]);
    if (overLimit.length > 0) {
      const detail = `${overLimit.length} of ${body.events.length} events are over the limit of ${deps.maxEventsPerMinute} a minute. Send them again in ${retryAfterSeconds} s.`;
      throw new OrdealError('rate_limited', detail, { retryAfterSeconds, members: { batch } });
    }
    const [first] = stored.refused;
    if (first === undefined) return batch;
    const { quota: name, limit, used } = first.crossing;
    const detail = `${overQuota.length} of ${body.events.length} events are over the quota of ${describeQuota(first.crossing)}. The run ends.`;
    throw new OrdealError('quota_exceeded', detail, { members: { quota: { name, limit, used, resetAt: null }, batch } });
  },
});

function validateEach(items: readonly unknown[]): ValidEvents {
  const events: Item[] = [];
  const errors: ItemError[] = [];
  for (const [index, item] of items.entries()) {
    const parsed = ingestEventSchema.safeParse(item, { error: ownWords });
    if (parsed.success) events.push({ index, ...toRow(parsed.data) });
    else
      errors.push({
        index,
        ...eventIdOf(item),
        message: issuesOf(parsed.error, { schema: ingestEventSchema, value: item, prefix: '' })
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

function refusal({ index, eventId }: Item, message: string): ItemError {
  return { index, eventId, message };
}

function summarize({ admitted, inserted, stored }: StoredBatch<Item>, refused: readonly ItemError[]): IngestResult {
  const counted = new Set<string>();
  const conflicts: ItemError[] = [];
  let duplicates = 0;
  for (const { index, eventId, stream, sequence } of admitted) {
    if (inserted.has(eventId) && !counted.has(eventId)) counted.add(eventId);
    else if (stored.has(eventId)) duplicates += 1;
    else conflicts.push({ index, eventId, message: `sequence ${sequence} of stream "${stream}" belongs to another event already` });
  }
  return { accepted: counted.size, duplicates, errors: [...refused, ...conflicts].toSorted((a, b) => a.index - b.index) };
}
