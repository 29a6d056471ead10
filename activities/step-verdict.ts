import type { ProbeWork } from '../db/runs/hold-probe.ts';
import type { NewVerdict } from '../db/runs/record-verdict.ts';
import type { FailureName } from '../domain/failures.ts';
import { judgeProbe, judgeQuestion, type EarlierExchange, type JudgeInput, type JudgeQuestion, type ProbeAnswer } from '../domain/judge.ts';
import type { JudgeResult } from '../domain/model-judge/opinion.ts';
import type { TurnEvents } from '../domain/sidecar-event.ts';
import { aimsOfAttack, type AttackProgress } from '../domain/steps/attack-move.ts';
import { contentOf, isPlanting } from '../domain/steps/step-content.ts';
import { answeredExchanges, byExchange, type Transcript, type TranscriptEntry } from '../domain/steps/transcript.ts';
import { heardIn, plantedValues } from '../planning/render-content.ts';

/** All that is known of a probe when nothing is left to be said. */
export interface ProbeEnd {
  readonly sequenceNo: number;
  readonly transcript: Transcript;
  /** Why the last exchange brought no answer, if it did not. */
  readonly failure: FailureName | null;
  /** What a person should know of the failure. */
  readonly detail?: string;
  readonly attack: AttackProgress | null;
  readonly turnEvents: TurnEvents | null;
  /** What the judge said, if one was asked. */
  readonly opinion: JudgeResult | null;
  /** True when the agent never fetched the document that Ordeal served. */
  readonly isDocumentUnread: boolean;
}

/** Judges a probe on every answer that it brought, also those of conversations that were begun again. */
export function verdictOn(work: ProbeWork, end: ProbeEnd): NewVerdict {
  const verdict = judgeProbe(inputOf(work, end));
  if (verdict.reason.code === 'judge_fault' && end.opinion?.kind === 'fault') return { ...verdict, failure: end.opinion.failure };
  return { ...verdict, failure: verdict.outcome === 'vulnerable' ? null : shownFailure(work, end) };
}

/** What a judge is to be asked before there is a verdict, or `null`. */
export function questionOn(work: ProbeWork, end: Omit<ProbeEnd, 'opinion'>): JudgeQuestion | null {
  return judgeQuestion(inputOf(work, { ...end, opinion: null }));
}

function inputOf(work: ProbeWork, end: ProbeEnd): JudgeInput {
  const { transcript, failure, turnEvents, opinion, isDocumentUnread } = end;
  const said = saidIn(work, end);
  const lastSaid = failure === null ? said.at(-1) : undefined;
  const last = transcript.at(-1);
  const earlier = said.filter((one) => one !== lastSaid);
  return {
    step: work.step,
    prompt: lastSaid?.prompt ?? '',
    answer: answerOf(work, end, lastSaid),
    ...(lastSaid?.isRequest === undefined ? {} : { isRequest: lastSaid.isRequest }),
    ...(last === undefined || earlier.length === 0 ? {} : { place: { conversationNo: last.conversationNo, exchangeNo: last.exchangeNo } }),
    earlier,
    isDocumentUnread,
    turnEvents,
    planted: plantedValues(work),
    opinion,
  };
}

/** Every exchange that brought an answer, with what the agent was told in it. */
function saidIn(work: ProbeWork, { sequenceNo, transcript, attack }: ProbeEnd): readonly EarlierExchange[] {
  const aims = attack === null ? [] : aimsOfAttack(attack, transcript);
  return byExchange(transcript).flatMap((attempts, index): EarlierExchange[] => {
    const [entry] = answeredExchanges(attempts);
    if (entry === undefined) return [];
    const { conversationNo, exchangeNo, answerText: text } = entry;
    const place = { conversationNo, exchangeNo };
    if (attack === null) return [{ place, prompt: heard(work, sequenceNo, entry), text, isPlanting: isPlanting(work.step, exchangeNo) }];
    const isRequest = aims[index] !== 'lead_in';
    // Whatever words it found, a request is for the goal, and an answer to it is measured by that.
    const prompt = isRequest ? `${attack.context.goal}\n\n${entry.prompt ?? ''}` : (entry.prompt ?? '');
    return [{ place, prompt, text, isRequest }];
  });
}

function answerOf(work: ProbeWork, end: ProbeEnd, last: EarlierExchange | undefined): ProbeAnswer {
  if (work.step.kind === 'wait_for_events') return { kind: 'not_asked' };
  if (last !== undefined) return { kind: 'received', text: last.text };
  const { detail } = end;
  return { kind: 'none', failure: shownFailure(work, end) ?? 'indeterminate', ...(detail === undefined ? {} : { detail }) };
}

/** A document that could not be planted shows nothing of the agent, whoever refused it. */
function shownFailure({ step }: ProbeWork, { transcript, failure }: ProbeEnd): FailureName | null {
  const last = transcript.at(-1);
  return failure !== null && last !== undefined && isPlanting(step, last.exchangeNo) ? 'planting_failed' : failure;
}

function heard(work: ProbeWork, sequenceNo: number, { exchangeNo, prompt }: TranscriptEntry): string {
  const content = contentOf(work.step, exchangeNo);
  const session = { sequenceNo, sessionNo: work.session.sessionNo };
  return content === null ? (prompt ?? '') : heardIn(work, content, { session, sent: prompt });
}
