import { hasUnseenControl } from '../db/runs/has-unseen-control.ts';
import { withOrg } from '../db/with-org.ts';
import type { RunId } from '../domain/ids.ts';
import type { RequestContext } from './request-context.ts';

/** Tells the workflow that the control of its run was changed. What is stored holds whether or not that succeeds. */
export async function tellWorkflow(runId: RunId, { deps, principal, log }: RequestContext<'apiKey'>): Promise<void> {
  const { orgId } = principal;
  try {
    const isNews = await withOrg(deps.database, orgId, (tx) => hasUnseenControl(tx, { orgId, runId }));
    if (isNews) await deps.runs.signalControlChanged(runId);
  } catch (error) {
    log.warn({ err: error, runId }, 'the change is stored but not signalled; the reconciler will signal it');
  }
}
