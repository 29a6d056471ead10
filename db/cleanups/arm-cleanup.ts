import type { CleanupId } from '../../domain/ids.ts';
import type { TargetRequest } from '../../domain/target-request.ts';
import { probeKey, type HeldProbe } from '../runs/step-key.ts';
import type { OrgTransaction } from '../with-org.ts';

/** A cleanup as it stands when its step is sent. */
export interface ArmedCleanup {
  readonly cleanupId: CleanupId;
  /** The session that its variables are of. */
  readonly sessionNo: number;
  readonly request: TargetRequest;
  /** SHA-256: see `planning/render-cleanup.ts`. */
  readonly requestHash: string;
  readonly isRepeatable: boolean;
}

/** Stores the cleanup of a request that is about to be sent, unless the probe has the same one already. Returns its id. */
export async function armCleanup(tx: OrgTransaction, held: HeldProbe, cleanup: ArmedCleanup): Promise<CleanupId> {
  const { method, url, headers, body } = cleanup.request;
  await tx
    .insertInto('cleanups')
    .values({
      ...probeKey(held),
      cleanup_id: cleanup.cleanupId,
      session_no: cleanup.sessionNo,
      request_method: method,
      request_url: url,
      request_headers: JSON.stringify(headers),
      request_body: body ?? null,
      request_hash: cleanup.requestHash,
      is_repeatable: cleanup.isRepeatable,
    })
    .onConflict((conflict) => conflict.columns(['org_id', 'run_id', 'step_id', 'variant_no', 'request_hash']).doNothing())
    .execute();
  const row = await tx
    .selectFrom('cleanups')
    .select('cleanup_id')
    .where((eb) => eb.and(probeKey(held)))
    .where('request_hash', '=', cleanup.requestHash)
    .executeTakeFirstOrThrow();
  return row.cleanup_id as CleanupId;
}
