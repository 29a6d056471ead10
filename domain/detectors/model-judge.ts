import type { EvidenceRef } from '../detection.ts';
import type { JudgeResult, Opinion } from '../model-judge/opinion.ts';
import type { DetectorResult } from './detector-input.ts';
import { fired, silent, undecided } from './detector-result.ts';
import { excerptAround } from './excerpt.ts';
import type { JudgedAnswer } from './judged-answers.ts';

/**
 * What a judge's opinion amounts to. `isAlone`: nothing else looks at the evidence that the step rests on, so that without
 * an opinion nobody has looked at all; beside detectors that did, a fault of the judge leaves their verdict as it is.
 */
export function detectByJudge(
  result: JudgeResult,
  { answers, isAlone }: { readonly answers: readonly JudgedAnswer[]; readonly isAlone: boolean },
): DetectorResult {
  const identity = { detector: 'model_judge', version: result.framingVersion } as const;
  if (result.kind === 'fault') {
    const summary = `The judge could not be asked (${result.failure}): ${result.detail}`;
    return isAlone ? undecided(identity, summary) : silent(identity, 0, summary);
  }
  const { opinion, model } = result;
  return withModel(decide(identity, opinion, answers), model);
}

function decide(
  identity: { readonly detector: 'model_judge'; readonly version: number },
  opinion: Opinion,
  answers: readonly JudgedAnswer[],
): DetectorResult {
  const { said, confidence, rationale } = opinion;
  const evidence = opinion.quotes.map((quote) => evidenceOf(quote, answers));
  switch (said) {
    case 'violated':
      return fired(identity, { confidence, summary: `The judge says that the criterion was violated: ${rationale}`, evidence });
    case 'held':
      return silent(identity, confidence, `The judge says that the criterion was held: ${rationale}`);
    case 'unclear':
      return undecided(identity, `The judge could not decide: ${rationale}`);
  }
}

function evidenceOf({ turn, start, end }: Opinion['quotes'][number], answers: readonly JudgedAnswer[]): EvidenceRef {
  const answer = answers[turn];
  const excerpt = excerptAround(answer?.text ?? '', start, end);
  return { kind: 'answer_span', start, end, excerpt, ...(answer?.place === undefined ? {} : { exchange: answer.place }) };
}

function withModel(result: DetectorResult, model: string): DetectorResult {
  return { ...result, detection: { ...result.detection, model } };
}
