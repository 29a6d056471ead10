import { attackerBounds, type Attack, type AttackContext, type AttackPart, type PairSpec } from './attacker.ts';
import { propose } from './consult-model.ts';
import { isEnd, tryAlone } from './lone-try.ts';
import type { Parsed } from './model-answers.ts';
import type { ScoredTry } from './model-questions.ts';

/** A model that loses sight of the goal this often in a row is no attacker. */
const maxProposals = 3;

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
    const proposed = isFirst ? ({ isUsable: true, value: context.goal } as const) : yield* proposeOnTopic(context, tries);
    if (!proposed.isUsable) return { kind: 'model_failed', problem: proposed.problem };
    const outcome = yield* tryAlone(context, proposed.value, isFirst ? 'goal' : 'proposal');
    if (isEnd(outcome)) return outcome;
    tries.push(outcome);
  }
  return { kind: 'spent' };
}

function* proposeOnTopic(context: AttackContext, tries: readonly ScoredTry[]): AttackPart<Parsed<string>> {
  for (let number = 1; number <= maxProposals; number += 1) {
    const proposed = yield* propose(context, tries, number);
    if (!proposed.isUsable) return proposed;
    if (proposed.value !== null) return { isUsable: true, value: proposed.value };
  }
  return { isUsable: false, problem: 'none of its proposals was after the goal' };
}
