import { attackerBounds, type Attack, type AttackContext, type PairSpec } from './attacker.ts';
import { propose } from './consult-model.ts';
import { isEnd, tryAlone } from './lone-try.ts';
import type { ScoredTry } from './model-questions.ts';

/**
 * Has a model propose prompts and refine them by what they came to, each in a conversation of its own (Prompt Automatic
 * Iterative Refinement). The goal as it is written is the first try, so that the refinements have an answer to start from.
 */
export function* refineInPair(spec: PairSpec, context: AttackContext): Attack {
  if (!context.hasModel) return { kind: 'model_not_configured' };
  const tries: ScoredTry[] = [];
  const maxTurns = Math.min(spec.maxTurns, attackerBounds.turns);
  while (tries.length < maxTurns) {
    const isFirst = tries.length === 0;
    const proposed = isFirst ? ({ isUsable: true, value: context.goal } as const) : yield* propose(context, tries, 1);
    if (!proposed.isUsable) return { kind: 'model_failed', problem: proposed.problem };
    const outcome = yield* tryAlone(context, proposed.value, isFirst ? 'goal' : 'proposal');
    if (isEnd(outcome)) return outcome;
    tries.push(outcome);
  }
  return { kind: 'spent' };
}
