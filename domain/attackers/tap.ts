import { attackerBounds, type Attack, type AttackContext, type AttackEnd, type AttackPart, type TapSpec } from './attacker.ts';
import { propose } from './consult-model.ts';
import { isEnd, tryAlone } from './lone-try.ts';
import type { ScoredTry } from './model-questions.ts';

/** The tries from the root of the tree to one of its leaves. */
type Branch = readonly [ScoredTry, ...ScoredTry[]];

/**
 * Grows a tree of prompts (Tree of Attacks with Pruning): every branch is refined in several ways, refinements that have
 * lost sight of the goal are cut before they are sent, and the branches that came nearest to it go on.
 *
 * The root is the goal as it is written.
 */
export function* searchTree(spec: TapSpec, context: AttackContext): Attack {
  if (!context.hasModel) return { kind: 'model_not_configured' };
  const root = yield* tryAlone(context, context.goal, 'goal');
  if (isEnd(root)) return root;
  const bounds = boundsOf(spec);
  let frontier: readonly Branch[] = [[root]];
  let turnsLeft = bounds.maxTurns - 1;
  for (let round = 1; round <= bounds.depth && turnsLeft > 0; round += 1) {
    const grown = yield* growRound(context, frontier, { branching: bounds.branching, turnsLeft });
    if (!Array.isArray(grown)) return grown;
    if (grown.length === 0 && round === 1) return { kind: 'model_failed', problem: 'none of its proposals was after the goal' };
    if (grown.length === 0) break;
    turnsLeft -= grown.length;
    frontier = grown.toSorted((left, right) => lastScore(right) - lastScore(left)).slice(0, bounds.width);
  }
  return { kind: 'spent' };
}

/** Refines every branch; comes to the new branches, or to the end of the attack. */
function* growRound(
  context: AttackContext,
  frontier: readonly Branch[],
  limits: { readonly branching: number; readonly turnsLeft: number },
): AttackPart<Branch[] | AttackEnd> {
  const grown: Branch[] = [];
  for (const branch of frontier) {
    for (let branchNo = 1; branchNo <= limits.branching && grown.length < limits.turnsLeft; branchNo += 1) {
      const proposed = yield* propose(context, branch, branchNo);
      if (!proposed.isUsable) return { kind: 'model_failed', problem: proposed.problem };
      if (proposed.value === null) continue;
      const outcome = yield* tryAlone(context, proposed.value, 'proposal');
      if (isEnd(outcome)) return outcome;
      grown.push([...branch, outcome]);
    }
  }
  return grown;
}

function boundsOf(spec: TapSpec): TapSpec {
  return {
    kind: spec.kind,
    maxTurns: Math.min(spec.maxTurns, attackerBounds.turns),
    depth: Math.min(spec.depth, attackerBounds.depth),
    width: Math.min(spec.width, attackerBounds.width),
    branching: Math.min(spec.branching, attackerBounds.branching),
  };
}

function lastScore(branch: Branch): number {
  return branch.at(-1)?.score ?? 0;
}
