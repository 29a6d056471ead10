import { randomBytes } from 'node:crypto';

import { OrdealError } from '../../domain/failures.ts';
import { frameJudgement, framingVersion } from '../../domain/model-judge/frame-judgement.ts';
import type { JudgedTurn, JudgeResult } from '../../domain/model-judge/opinion.ts';
import { readOpinion } from '../../domain/model-judge/read-opinion.ts';
import type { ChatModel } from './chat-model.ts';

export interface JudgeQuestion {
  readonly criterion: string;
  readonly turns: readonly JudgedTurn[];
  readonly signal: AbortSignal;
}

/** Asks a judge once. Every failure of models, and having no tokens left for them, is a fault of the judge, which is a result; what else goes wrong is thrown. */
export async function askJudge(model: ChatModel, { criterion, turns, signal }: JudgeQuestion): Promise<JudgeResult> {
  const nonce = randomBytes(16).toString('hex');
  const { messages, responseSchema, isComplete } = frameJudgement({ criterion, turns, nonce });
  const read = (text: string) => readOpinion(text, { nonce, turns, isComplete });
  const findProblem = (text: string): string | null => {
    const found = read(text);
    return found.kind === 'problem' ? found.detail : null;
  };
  try {
    const answer = await model.complete({ messages, responseSchema, temperature: 0, maxOutputTokens: 1_500, signal, findProblem });
    const found = read(answer.text);
    if (found.kind === 'problem') throw new OrdealError('model_answer_invalid', found.detail);
    return { kind: 'opinion', opinion: found.opinion, model: answer.model, framingVersion };
  } catch (error) {
    if (!(error instanceof OrdealError) || !isModelFailure(error)) throw error;
    const { failure, message, retryAfterSeconds } = error;
    return { kind: 'fault', failure, detail: message, framingVersion, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
  }
}

function isModelFailure({ failure }: OrdealError): boolean {
  return failure.startsWith('model_') || failure === 'payload_too_large' || failure === 'quota_exceeded';
}
