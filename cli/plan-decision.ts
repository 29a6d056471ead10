import type { PlanCheck } from '../contracts/policy.ts';

/** What becomes of a plan, in a line. */
export function planDecisionLine({
  counts,
  needsRunApproval,
  worstRisk,
}: Pick<PlanCheck, 'counts' | 'needsRunApproval' | 'worstRisk'>): string {
  const whole = needsRunApproval ? 'The run as a whole needs an approval. ' : '';
  return `${whole}Worst risk ${worstRisk}: ${counts.allow} sent, ${counts.approve} wait, ${counts.refuse} refused.\n`;
}
