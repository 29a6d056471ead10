import type { FailureName } from '../../domain/failures.ts';
import type { JudgeAnswer, JudgeResult, Quote } from '../../domain/model-judge/opinion.ts';
import { probeKey, type HeldProbe } from '../runs/step-key.ts';
import type { OrgTransaction } from '../with-org.ts';

/** What the judge said of a probe, once it has. */
export async function findOpinion(tx: OrgTransaction, held: HeldProbe): Promise<JudgeResult | undefined> {
  const row = await tx
    .selectFrom('judge_opinions')
    .select(['said', 'confidence', 'rationale', 'quotes', 'model', 'failure', 'failure_detail', 'framing_version'])
    .where((eb) => eb.and(probeKey(held)))
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const framingVersion = row.framing_version;
  if (row.said === null) {
    return { kind: 'fault', failure: row.failure as FailureName, detail: row.failure_detail ?? '', framingVersion };
  }
  const opinion = {
    said: row.said as JudgeAnswer,
    confidence: row.confidence ?? 0,
    rationale: row.rationale ?? '',
    quotes: row.quotes as unknown as readonly Quote[],
  };
  return { kind: 'opinion', opinion, model: row.model ?? '', framingVersion };
}
