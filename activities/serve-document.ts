import { findFirstRead } from '../db/documents/find-first-read.ts';
import { insertPlantedDocument } from '../db/documents/insert-planted-document.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import { withOrg } from '../db/with-org.ts';
import { documentUrl } from '../planning/document-url.ts';
import { renderDocument, type ExchangeSession } from '../planning/render-content.ts';
import type { StepDependencies } from './step-dependencies.ts';

/** Whether Ordeal itself serves the document of the step. */
export function isDocumentServed({ step }: ProbeWork): boolean {
  return step.kind === 'plant_document' && step.delivery.kind === 'served';
}

/**
 * Puts the document of a probe where the API serves it, and tells its address; undefined for a step that has none to serve. Doing it
 * again changes nothing. Throws `planting_failed` when nobody has said under which address the agent reaches the API.
 */
export async function serveDocument(deps: StepDependencies, work: ProbeWork, session: ExchangeSession): Promise<string | undefined> {
  const { step, held, probeId } = work;
  if (step.kind !== 'plant_document' || step.delivery.kind !== 'served') return undefined;
  const url = documentUrl(deps, { orgId: held.orgId, probeId });
  const { name, mediaType, content } = step.document;
  const document = { probeId, runId: held.runId, name, mediaType, content: renderDocument(work, content, session) };
  await withOrg(deps.database, held.orgId, (tx) => insertPlantedDocument(tx, held.orgId, document));
  return url;
}

/** Whether the agent never asked for the document that was served for it, and so cannot have read it. */
export async function wasNeverFetched(deps: StepDependencies, work: ProbeWork): Promise<boolean> {
  if (!isDocumentServed(work)) return false;
  const firstReadAt = await withOrg(deps.database, work.held.orgId, (tx) => findFirstRead(tx, work.held.orgId, work.probeId));
  return firstReadAt === null;
}
