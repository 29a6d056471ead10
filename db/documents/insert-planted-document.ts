import type { OrgId, ProbeId, RunId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface NewPlantedDocument {
  readonly probeId: ProbeId;
  readonly runId: RunId;
  readonly name: string;
  readonly mediaType: string;
  /** With its variables filled in. */
  readonly content: string;
}

/** Keeps the document of a probe, once: the first one stays. */
export async function insertPlantedDocument(tx: OrgTransaction, orgId: OrgId, document: NewPlantedDocument): Promise<void> {
  await tx
    .insertInto('planted_documents')
    .values({
      org_id: orgId,
      probe_id: document.probeId,
      run_id: document.runId,
      name: document.name,
      media_type: document.mediaType,
      content: document.content,
    })
    .onConflict((conflict) => conflict.columns(['org_id', 'probe_id']).doNothing())
    .execute();
}
