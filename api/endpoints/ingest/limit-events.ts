import { findStoredEvents, type EventSource } from '../../../db/events/insert-events.ts';
import { withOrg } from '../../../db/with-org.ts';
import { eventWindow } from '../../../domain/limits/rate-classes.ts';
import { rateLimitHeaders } from '../../rate-limit-headers.ts';
import type { RequestContext } from '../../request-context.ts';

export interface LimitedEvents<Item> {
  readonly admitted: readonly Item[];
  readonly refused: readonly Item[];
  /** When as many as were refused have room; 0 when none was. */
  readonly retryAfterSeconds: number;
}

/**
 * Counts events against the limit of their token, in the order in which they came. Those that are stored already are
 * let through when room is short, so that whoever sends a whole batch again does get through with it.
 */
export async function limitEvents<Item extends { readonly eventId: string }>(
  context: RequestContext<'sidecar'>,
  items: readonly Item[],
): Promise<LimitedEvents<Item>> {
  const { deps, principal, setHeaders } = context;
  const policy = eventWindow(deps.maxEventsPerMinute);
  const answer = await deps.limiter.takeFromWindow(`events:${principal.orgId}:${principal.tokenId}`, policy, items.length);
  setHeaders(rateLimitHeaders({ ...answer, name: 'events', limit: policy.limit, windowSeconds: policy.windowMs / 1_000 }, Date.now()));
  if (answer.taken >= items.length) return { admitted: items, refused: [], retryAfterSeconds: 0 };
  const known = await knownEvents(context, principal, items);
  const admitted: Item[] = [];
  const refused: Item[] = [];
  let room = answer.taken;
  for (const item of items) {
    if (known.has(item.eventId)) admitted.push(item);
    else if (room > 0) {
      room -= 1;
      known.add(item.eventId);
      admitted.push(item);
    } else refused.push(item);
  }
  const retryAfterSeconds = refused.length === 0 ? 0 : Math.max(1, Math.ceil(answer.retryAfterMs / 1_000));
  return { admitted, refused, retryAfterSeconds };
}

async function knownEvents(
  { deps, principal }: RequestContext<'sidecar'>,
  source: EventSource,
  items: readonly { readonly eventId: string }[],
): Promise<Set<string>> {
  const ids = items.map(({ eventId }) => eventId);
  return new Set(await withOrg(deps.database, principal.orgId, (tx) => findStoredEvents(tx, source, ids)));
}
