import { z } from 'zod';
import { attackerBounds, defaultAttackers, type AttackerSpec } from '../../domain/attackers/attacker.ts';
import { didYouMean } from '../../domain/nearest-name.ts';

const { crescendo: ladder, pair, tap: tree } = defaultAttackers;
const attackerKinds = Object.keys(defaultAttackers);

const turns = (fewest: number, usual: number) => z.int().min(fewest).max(attackerBounds.turns).default(usual);

/** Who decides the turns of a conversation, and within which bounds. */
export const attackerSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.enum(['crescendo', 'foot_in_the_door']),
      maxTurns: turns(1, ladder.maxTurns).describe('New turns, withdrawn ones included'),
      maxBacktracks: z
        .int()
        .min(0)
        .max(attackerBounds.backtracks)
        .default(ladder.maxBacktracks)
        .describe('How often a refused turn is reworded'),
      wording: z.literal('templates').exactOptional().describe('Never ask a model for the wording'),
    }),
    z.strictObject({ kind: z.literal('pair'), maxTurns: turns(2, pair.maxTurns).describe('Prompts that are sent') }),
    z.strictObject({
      kind: z.literal('tap'),
      maxTurns: turns(2, tree.maxTurns).describe('Prompts that are sent, over the whole tree'),
      depth: z.int().min(1).max(attackerBounds.depth).default(tree.depth).describe('Rounds of refinement'),
      width: z.int().min(1).max(attackerBounds.width).default(tree.width).describe('Branches that go on after each round'),
      branching: z.int().min(1).max(attackerBounds.branching).default(tree.branching).describe('Refinements of each branch in a round'),
    }),
  ],
  {
    error: (issue) => {
      if (issue.code !== 'invalid_union') return undefined;
      const kind = (issue.input as { readonly kind?: unknown } | null)?.kind;
      return typeof kind === 'string'
        ? `unknown attacker "${kind}"${didYouMean(kind, attackerKinds)}; known are ${attackerKinds.join(', ')}`
        : `an attacker needs a kind: one of ${attackerKinds.join(', ')}`;
    },
  },
);

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<z.infer<typeof attackerSchema>, AttackerSpec>;
