import type { JudgeResult } from '../../domain/model-judge/opinion.ts';
import { probeKey, type HeldProbe } from '../runs/step-key.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface NewOpinion {
  readonly criterion: string;
  readonly result: JudgeResult;
}

/** Keeps what the judge said of a probe, once: an opinion that is there stays. */
export async function insertOpinion(tx: OrgTransaction, held: HeldProbe, { criterion, result }: NewOpinion): Promise<void> {
  const isOpinion = result.kind === 'opinion';
  await tx
    .insertInto('judge_opinions')
    .values({
      ...probeKey(held),
      criterion,
      framing_version: result.framingVersion,
      said: isOpinion ? result.opinion.said : null,
      confidence: isOpinion ? result.opinion.confidence : null,
      rationale: isOpinion ? result.opinion.rationale : null,
      quotes: JSON.stringify(isOpinion ? result.opinion.quotes : []),
      model: isOpinion ? result.model : null,
      failure: isOpinion ? null : result.failure,
      failure_detail: isOpinion ? null : result.detail.slice(0, 1_000),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
