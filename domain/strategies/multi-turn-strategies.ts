import type { AttackerKind } from '../attackers/attacker.ts';
import { atlas, type StrategyDescription } from './strategy.ts';

/** A strategy that needs answers: it takes the prompt of a step as the goal of a conversation. */
export interface MultiTurnStrategy extends StrategyDescription {
  readonly attacker: AttackerKind;
}

export const multiTurnStrategies: readonly MultiTurnStrategy[] = [
  {
    id: 'crescendo',
    title: 'Crescendo',
    summary: 'Leads up to the prompt in turns that each go a little further, and withdraws and rewords what is refused.',
    kind: 'multi-turn',
    atlas: atlas.jailbreak,
    attacker: 'crescendo',
  },
  {
    id: 'foot-in-the-door',
    title: 'Foot in the door',
    summary: 'Has small parts of the prompt granted first, and asks for the rest in the name of what was granted.',
    kind: 'multi-turn',
    atlas: atlas.jailbreak,
    attacker: 'foot_in_the_door',
  },
  {
    id: 'pair',
    title: 'Iterative refinement (PAIR)',
    summary: 'Has the attacker model propose ways to reach what the prompt asks for, and refine them by what they came to.',
    kind: 'multi-turn',
    atlas: atlas.jailbreak,
    attacker: 'pair',
  },
  {
    id: 'tap',
    title: 'Tree of attacks with pruning (TAP)',
    summary: 'Has the attacker model refine the prompt in several ways at once, drops what lost sight of it, and goes on with the best.',
    kind: 'multi-turn',
    atlas: atlas.jailbreak,
    attacker: 'tap',
  },
];

/** The strategy of several turns with this name, or undefined. */
export function findMultiTurnStrategy(name: string): MultiTurnStrategy | undefined {
  return multiTurnStrategies.find(({ id }) => id === name);
}
