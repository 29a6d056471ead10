import { findStoredEvents, insertEvents, type InsertedEvents, type NewEvent } from '../../../db/events/insert-events.ts';
import { quotaStopper, stopForQuota } from '../../../db/runs/stop-for-quota.ts';
import { admitEvents, type RefusedEvent } from '../../../db/usage/admit-events.ts';
import { withOrg } from '../../../db/with-org.ts';
import type { RequestContext } from '../../request-context.ts';

export interface StoredBatch<Item> extends InsertedEvents {
  readonly admitted: readonly Item[];
  /** What no quota has room for; it never will be taken. */
  readonly refused: readonly RefusedEvent<Item>[];
}

/** Stores events as far as the quotas have room. A run whose events have none is stopped: its evidence would have holes. */
export async function storeEvents<Item extends NewEvent>(
  context: RequestContext<'sidecar'>,
  items: readonly Item[],
): Promise<StoredBatch<Item>> {
  const { deps, principal } = context;
  const stored = await withOrg(deps.database, principal.orgId, async (tx) => {
    const findStored = async (ids: readonly string[]) => new Set(await findStoredEvents(tx, principal, ids));
    const { admitted, refused } = await admitEvents(tx, principal, { items, findStored });
    return { ...(await insertEvents(tx, principal, admitted)), admitted, refused };
  });
  await stopCrossedRuns(context, stored.refused);
  return stored;
}

/** In transactions of their own: the locks on counters and those on a run are never held together here. */
async function stopCrossedRuns(
  { deps, principal, log }: RequestContext<'sidecar'>,
  refused: readonly RefusedEvent<unknown>[],
): Promise<void> {
  const { orgId } = principal;
  const crossings = new Map(refused.flatMap(({ runId, crossing }) => (runId === undefined ? [] : [[runId, crossing] as const])));
  for (const [runId, crossing] of crossings) {
    const result = await withOrg(deps.database, orgId, (tx) => stopForQuota(tx, { orgId, runId, crossing }));
    if (result !== 'stopping') continue;
    try {
      await deps.runs.signalStop(runId, quotaStopper(crossing));
    } catch (error) {
      log.warn({ err: error, runId }, 'the stop is stored but not signalled; the reconciler will signal it');
    }
  }
}
