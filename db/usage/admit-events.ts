import { EventRoom, type EventUse } from '../../domain/event-room.ts';
import type { OrgId, RunId, TargetId } from '../../domain/ids.ts';
import type { QuotaCrossing, QuotaLimits } from '../../domain/quotas.ts';
import type { OrgTransaction } from '../with-org.ts';
import { addUsage } from './count-usage.ts';
import { loadLimits } from './load-limits.ts';
import { loadStored } from './load-stored.ts';

interface EventSource {
  readonly orgId: OrgId;
  readonly targetId: TargetId;
}

interface Event {
  readonly eventId: string;
  readonly probeId: string | null;
}

export interface RefusedEvent<Item> {
  readonly item: Item;
  readonly crossing: QuotaCrossing;
  /** The run that it belongs to. */
  readonly runId: RunId | undefined;
}

export interface EventAdmission<Item> {
  readonly admitted: readonly Item[];
  readonly refused: readonly RefusedEvent<Item>[];
}

/**
 * Lets through as many events, in their order, as the quotas of the organization and of the runs they belong to have
 * room for. Where there is a limit, the counters stay locked until the commit, so that batches at once cannot pass it
 * together. `findStored` tells which events need no room any more.
 */
export async function admitEvents<Item extends Event>(
  tx: OrgTransaction,
  source: EventSource,
  batch: { readonly items: readonly Item[]; readonly findStored: (eventIds: readonly string[]) => Promise<ReadonlySet<string>> },
): Promise<EventAdmission<Item>> {
  const { items } = batch;
  const { limits } = await loadLimits(tx, source.orgId);
  if (limits.eventsPerRun === null && limits.storedEvents === null && limits.storageMegabytes === null) {
    return { admitted: items, refused: [] };
  }
  const runOf = await findRuns(tx, source, items);
  const room = new EventRoom(limits, await lockUse(tx, source.orgId, { limits, runIds: [...new Set(runOf.values())] }));
  const stored = room.isShortFor(items.length) ? await batch.findStored(items.map(({ eventId }) => eventId)) : new Set<string>();
  const admitted: Item[] = [];
  const refused: RefusedEvent<Item>[] = [];
  for (const item of items) {
    const runId = item.probeId === null ? undefined : runOf.get(item.probeId);
    const crossing = stored.has(item.eventId) ? undefined : room.take(runId);
    if (crossing === undefined) admitted.push(item);
    else refused.push({ item, crossing, runId });
  }
  return { admitted, refused };
}

/** The runs of these probes, as far as they are against the target that the sidecar may speak of. */
async function findRuns(tx: OrgTransaction, source: EventSource, items: readonly Event[]): Promise<ReadonlyMap<string, RunId>> {
  const probeIds = [...new Set(items.flatMap(({ probeId }) => probeId ?? []))];
  if (probeIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom('probes')
    .innerJoin('runs', (join) => join.onRef('runs.org_id', '=', 'probes.org_id').onRef('runs.run_id', '=', 'probes.run_id'))
    .select(['probes.probe_id', 'probes.run_id'])
    .where('probes.org_id', '=', source.orgId)
    .where('probes.probe_id', 'in', probeIds)
    .where('runs.target_id', '=', source.targetId)
    .execute();
  return new Map(rows.map((row) => [row.probe_id, row.run_id as RunId]));
}

/** Counters of the organization before those of its runs, and these by name: the order in which `countEvents` locks too. */
async function lockUse(
  tx: OrgTransaction,
  orgId: OrgId,
  { limits, runIds }: { readonly limits: QuotaLimits; readonly runIds: readonly RunId[] },
): Promise<EventUse> {
  await addUsage(tx, orgId, { events_by_day: 0, event_bytes_by_day: 0 });
  const stored = await loadStored(tx, orgId, limits.retentionDays);
  if (runIds.length === 0) return { storedEvents: stored.events, storedMegabytes: stored.megabytes, byRun: new Map() };
  const rows = await tx
    .selectFrom('run_usage')
    .select(['run_id', 'events'])
    .where('org_id', '=', orgId)
    .where('run_id', 'in', runIds)
    .orderBy('run_id')
    .forUpdate()
    .execute();
  const byRun = new Map(rows.map((row) => [row.run_id, Number(row.events)]));
  return { storedEvents: stored.events, storedMegabytes: stored.megabytes, byRun };
}
