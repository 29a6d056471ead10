import { sql } from 'kysely';

import type { ProbeId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import type { StepPlace } from './step-key.ts';
import type { ProbeTurns } from './turn-events.ts';

/** The probes of a script instance, and how many prompts of theirs were answered so far. */
export async function loadScriptTurns(tx: OrgTransaction, place: Pick<StepPlace, 'orgId' | 'runId' | 'sequenceNo'>): Promise<ProbeTurns> {
  const rows = await tx
    .selectFrom('probes')
    .leftJoin('attempts', (join) =>
      join
        .onRef('attempts.org_id', '=', 'probes.org_id')
        .onRef('attempts.run_id', '=', 'probes.run_id')
        .onRef('attempts.step_id', '=', 'probes.step_id')
        .onRef('attempts.variant_no', '=', 'probes.variant_no')
        .on('attempts.state', '=', 'answered')
        .on('attempts.prompt', 'is not', null),
    )
    .select(['probes.probe_id', sql<number>`count(attempts.attempt_id)::int`.as('answered')])
    .where('probes.org_id', '=', place.orgId)
    .where('probes.run_id', '=', place.runId)
    .where('probes.sequence_no', '=', place.sequenceNo)
    .groupBy('probes.probe_id')
    .execute();
  return {
    probeIds: rows.map((row) => row.probe_id as ProbeId),
    answeredTurns: rows.reduce((sum, row) => sum + row.answered, 0),
  };
}
