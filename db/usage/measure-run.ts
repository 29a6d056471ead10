import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

/** Writes down how many bytes of requests and answers a run has in its ledgers: their own length, before any compression. */
export async function measureRun(tx: OrgTransaction, run: { readonly orgId: OrgId; readonly runId: RunId }): Promise<void> {
  await sql`
    update run_usage set bytes = (
      select coalesce(sum(coalesce(octet_length(request_body), 0) + coalesce(octet_length(prompt), 0)
        + coalesce(octet_length(response_body), 0) + coalesce(octet_length(answer_text), 0)), 0)
      from attempts where org_id = ${run.orgId} and run_id = ${run.runId}
    ) + (
      select coalesce(sum(coalesce(octet_length(request_body), 0) + coalesce(octet_length(response_body), 0)), 0)
      from cleanup_attempts where org_id = ${run.orgId} and run_id = ${run.runId})
    where org_id = ${run.orgId} and run_id = ${run.runId}`.execute(tx);
}
