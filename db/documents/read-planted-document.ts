import { sql } from 'kysely';

import type { OrgId, ProbeId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface ServedDocument {
  readonly name: string;
  readonly mediaType: string;
  readonly content: string;
}

/** A planted document for somebody who fetches it, which is counted; undefined once its run has ended. */
export async function readPlantedDocument(tx: OrgTransaction, orgId: OrgId, probeId: ProbeId): Promise<ServedDocument | undefined> {
  const row = await tx
    .updateTable('planted_documents')
    .from('runs')
    .set({ reads: sql`reads + 1`, first_read_at: sql<Date>`coalesce(first_read_at, now())` })
    .whereRef('runs.org_id', '=', 'planted_documents.org_id')
    .whereRef('runs.run_id', '=', 'planted_documents.run_id')
    .where('runs.ended_at', 'is', null)
    .where('planted_documents.org_id', '=', orgId)
    .where('planted_documents.probe_id', '=', probeId)
    .returning(['planted_documents.name', 'planted_documents.media_type', 'planted_documents.content'])
    .executeTakeFirst();
  return row === undefined ? undefined : { name: row.name, mediaType: row.media_type, content: row.content };
}
