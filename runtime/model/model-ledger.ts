import type { FailureName } from '../../domain/failures.ts';

/** A request to a model that is about to be sent. */
export interface ModelCallStart {
  /** From 1: which model of the chain. */
  readonly position: number;
  readonly model: string;
  readonly baseUrl: string;
  /** An upper estimate of what it will use, to hold against a budget before it is spent. */
  readonly tokensReserved: number;
}

export interface ModelUsage {
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** `null` when the model has no configured price. */
  readonly costMicros: number | null;
  /** The model did not say what it used, so it was reckoned from the lengths of the texts. */
  readonly isEstimated: boolean;
}

export interface ModelCallEnd {
  /** `null`: it answered, and the answer can be used. */
  readonly failure: FailureName | null;
  readonly detail: string | null;
  /** The name that the answer gives itself. */
  readonly servedModel: string | null;
  /** `null` when no answer came, so that what was used is not known. */
  readonly usage: ModelUsage | null;
  readonly latencyMs: number;
}

/** Where every request to a model is written down, before it is sent and when it has ended. */
export interface ModelLedger {
  /** Throws `model_budget_exceeded` when the request must not be sent. */
  open(start: ModelCallStart): Promise<string>;
  close(callId: string, end: ModelCallEnd): Promise<void>;
}
