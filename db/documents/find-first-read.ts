import type { OrgId, ProbeId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** When the planted document of a probe was first fetched; `null` when it never was, or there is none. */
export async function findFirstRead(tx: OrgTransaction, orgId: OrgId, probeId: ProbeId): Promise<Date | null> {
  const row = await tx
    .selectFrom('planted_documents')
    .select('first_read_at')
    .where('org_id', '=', orgId)
    .where('probe_id', '=', probeId)
    .executeTakeFirst();
  return row?.first_read_at ?? null;
}
