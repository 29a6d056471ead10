import type { ModelUse } from '../model-use.ts';

/** What a model was used for, in a sentence: `judge large: 12 requests (1 failed), 3400 + 210 tokens, 0.0104 US dollars`. */
export function modelUseText(use: ModelUse): string {
  const failed = [`${use.failedCalls} failed`, ...(use.openCalls === 0 ? [] : [`${use.openCalls} of unknown end`])].join(', ');
  const tokens = `${use.tokensIn} + ${use.tokensOut} tokens${use.isEstimated ? ', some estimated' : ''}`;
  return `${use.purpose} ${use.model}: ${use.calls} requests (${failed}), ${tokens}, ${moneyText(use.costMicros)}`;
}

function moneyText(costMicros: number | null): string {
  return costMicros === null ? 'no price configured' : `${(costMicros / 1_000_000).toFixed(4)} US dollars`;
}
