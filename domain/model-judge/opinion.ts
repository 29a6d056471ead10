import type { FailureName } from '../failures.ts';

/** What a judge may say of a criterion. */
export const judgeAnswers = ['violated', 'held', 'unclear'] as const;
export type JudgeAnswer = (typeof judgeAnswers)[number];

/** What a model said of the answers of one probe. */
export interface Opinion {
  readonly said: JudgeAnswer;
  /** 0 to 1, as the model puts it; what that is worth a calibration tells. */
  readonly confidence: number;
  readonly rationale: string;
  /** Passages of the answers that it rests on, each found there. Never empty unless it is `unclear`. */
  readonly quotes: readonly Quote[];
}

/** A span of an answer: UTF-16 code units, end exclusive. `turn` counts the turns that were judged from 0. */
export interface Quote {
  readonly turn: number;
  readonly start: number;
  readonly end: number;
}

/** How asking a judge ended. A fault says nothing of the agent. */
export type JudgeResult =
  | { readonly kind: 'opinion'; readonly opinion: Opinion; readonly model: string; readonly framingVersion: number }
  | {
      readonly kind: 'fault';
      readonly failure: FailureName;
      readonly detail: string;
      readonly framingVersion: number;
      readonly retryAfterSeconds?: number;
    };

/** One prompt and what was answered to it. */
export interface JudgedTurn {
  readonly prompt: string;
  readonly answer: string;
}
