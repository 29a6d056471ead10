import type { SessionTurn } from '../../domain/session-history.ts';
import type { OrgTransaction } from '../with-org.ts';
import type { StepPlace } from './step-key.ts';

/** More than this is not told again: it would not fit into what a model can read. */
const maxTurns = 200;

/** What was said and answered in the steps before this one of its script instance, oldest first. */
export async function loadSessionTurns(tx: OrgTransaction, { orgId, runId, sequenceNo, position }: StepPlace): Promise<SessionTurn[]> {
  const rows = await tx
    .selectFrom('probes')
    .innerJoin('attempts', (join) =>
      join
        .onRef('attempts.org_id', '=', 'probes.org_id')
        .onRef('attempts.run_id', '=', 'probes.run_id')
        .onRef('attempts.step_id', '=', 'probes.step_id')
        .onRef('attempts.variant_no', '=', 'probes.variant_no'),
    )
    .select(['probes.position', 'attempts.conversation_no', 'attempts.prompt', 'attempts.answer_text'])
    .where('probes.org_id', '=', orgId)
    .where('probes.run_id', '=', runId)
    .where('probes.sequence_no', '=', sequenceNo)
    .where('probes.position', '<', position)
    .where('attempts.state', '=', 'answered')
    .where('attempts.prompt', 'is not', null)
    .orderBy('probes.position', 'desc')
    .orderBy('attempts.conversation_no', 'desc')
    .orderBy('attempts.exchange_no', 'desc')
    .limit(maxTurns)
    .execute();
  return rows.toReversed().map((row) => ({
    position: row.position,
    conversationNo: row.conversation_no,
    prompt: row.prompt ?? '',
    answer: row.answer_text ?? '',
  }));
}
