import type { ModelPurpose } from './model-purpose.ts';

/** What one model was used for, added up. */
export interface ModelUse {
  readonly purpose: ModelPurpose;
  /** As configured. */
  readonly model: string;
  readonly calls: number;
  readonly failedCalls: number;
  /** Whose end nobody knows: of a process that died, or still in flight. */
  readonly openCalls: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** True when some of the tokens were reckoned. */
  readonly isEstimated: boolean;
  /** Millionths of a US dollar; `null` when the model has no configured price. */
  readonly costMicros: number | null;
}
