import type { OpinionView } from '../../contracts/probe.ts';
import type { JudgeAnswer } from '../../domain/model-judge/opinion.ts';
import { probeKey, type ProbeKey } from '../runs/step-key.ts';
import type { OrgTransaction } from '../with-org.ts';

/** What the judge said of a probe, for people to read. */
export async function findOpinionView(tx: OrgTransaction, probe: ProbeKey): Promise<OpinionView | undefined> {
  const row = await tx
    .selectFrom('judge_opinions')
    .select(['criterion', 'framing_version', 'said', 'confidence', 'rationale', 'model', 'failure', 'failure_detail', 'created_at'])
    .where((eb) => eb.and(probeKey(probe)))
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    criterion: row.criterion,
    framingVersion: row.framing_version,
    said: row.said as JudgeAnswer | null,
    confidence: row.confidence,
    rationale: row.rationale,
    model: row.model,
    failure: row.failure,
    failureDetail: row.failure_detail,
    at: row.created_at.toISOString(),
  };
}
