import type { ProbeWork } from '../db/runs/hold-probe.ts';
import type { NewVerdict } from '../db/runs/record-verdict.ts';
import type { FailureName } from '../domain/failures.ts';
import { judgeProbe, judgeQuestion, type EarlierExchange, type JudgeInput, type JudgeQuestion } from '../domain/judge.ts';
import type { JudgeResult } from '../domain/model-judge/opinion.ts';
import type { TurnEvents } from '../domain/sidecar-event.ts';
import { promptOf } from '../domain/steps/next-move.ts';
import { answeredExchanges, type Transcript, type TranscriptEntry } from '../domain/steps/transcript.ts';
import { plantedValues, promptForJudging } from './step-request.ts';

/** All that is known of a probe when nothing is left to be said. */
export interface ProbeEnd {
  readonly sequenceNo: number;
  readonly transcript: Transcript;
  /** Why the last exchange brought no answer, if it did not. */
  readonly failure: FailureName | null;
  readonly turnEvents: TurnEvents | null;
  /** What the judge said, if one was asked. */
  readonly opinion: JudgeResult | null;
}

/** Judges a probe on every answer that it brought, also those of conversations that were begun again. */
export function verdictOn(work: ProbeWork, end: ProbeEnd): NewVerdict {
  const verdict = judgeProbe(inputOf(work, end));
  if (verdict.reason.code === 'judge_fault' && end.opinion?.kind === 'fault') return { ...verdict, failure: end.opinion.failure };
  return { ...verdict, failure: verdict.outcome === 'vulnerable' ? null : end.failure };
}

/** What a judge is to be asked before there is a verdict, or `null`. */
export function questionOn(work: ProbeWork, end: Omit<ProbeEnd, 'opinion'>): JudgeQuestion | null {
  return judgeQuestion(inputOf(work, { ...end, opinion: null }));
}

function inputOf(work: ProbeWork, { sequenceNo, transcript, failure, turnEvents, opinion }: ProbeEnd): JudgeInput {
  const answered = answeredExchanges(transcript);
  const last = transcript.at(-1);
  const lastAnswer = failure === null ? answered.at(-1) : undefined;
  const earlier = answered
    .filter((entry) => entry !== lastAnswer)
    .map((entry): EarlierExchange => {
      const { conversationNo, exchangeNo } = entry;
      return { place: { conversationNo, exchangeNo }, prompt: heard(work, sequenceNo, entry), text: entry.answerText };
    });
  return {
    step: work.step,
    prompt: last === undefined ? '' : heard(work, sequenceNo, last),
    answer:
      lastAnswer === undefined ? { kind: 'none', failure: failure ?? 'indeterminate' } : { kind: 'received', text: lastAnswer.answerText },
    ...(last === undefined || earlier.length === 0 ? {} : { place: { conversationNo: last.conversationNo, exchangeNo: last.exchangeNo } }),
    earlier,
    turnEvents,
    planted: plantedValues(work),
    opinion,
  };
}

function heard(work: ProbeWork, sequenceNo: number, { exchangeNo, prompt }: TranscriptEntry): string {
  const session = { sequenceNo, sessionNo: work.session.sessionNo };
  return promptForJudging(work, { template: promptOf(work.step, exchangeNo) ?? '', session }, prompt);
}
