import { sql } from 'kysely';

import type { OrgId, RunId } from '../../domain/ids.ts';
import type { StepDefinition } from '../../domain/script.ts';
import type { OrgTransaction } from '../with-org.ts';

const stepsPerRead = 500;

/** The steps of a plan, in order; read in parts, so that a large plan is never in memory as a whole. */
export async function* readPlannedSteps(
  tx: OrgTransaction,
  { orgId, runId }: { readonly orgId: OrgId; readonly runId: RunId },
): AsyncGenerator<{ readonly probeId: string; readonly step: StepDefinition }> {
  for (let after = { sequenceNo: -1, position: -1 }; ;) {
    const rows = await tx
      .selectFrom('probes')
      .select(['probe_id', 'step', 'sequence_no', 'position'])
      .where('org_id', '=', orgId)
      .where('run_id', '=', runId)
      .where(sql<boolean>`(sequence_no, position) > (${after.sequenceNo}::int, ${after.position}::int)`)
      .orderBy('sequence_no')
      .orderBy('position')
      .limit(stepsPerRead)
      .execute();
    for (const row of rows) yield { probeId: row.probe_id, step: row.step as unknown as StepDefinition };
    const last = rows.at(-1);
    if (last === undefined || rows.length < stepsPerRead) return;
    after = { sequenceNo: last.sequence_no, position: last.position };
  }
}
