import type { RunId } from '../domain/ids.ts';
import type { RequestContext } from './request-context.ts';

/** Starts the workflow of a run that is stored. Never throws: what fails here, the reconciler does. */
export async function startPlanned(runId: RunId, { deps, principal, log }: RequestContext<'apiKey'>): Promise<void> {
  try {
    await deps.runs.start(principal.orgId, runId);
  } catch (error) {
    log.warn({ err: error, runId }, 'the run is stored but not started; the reconciler will start it');
  }
}
