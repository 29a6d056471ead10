import { defaultAttackers } from '../attackers/attacker.ts';
import type { StepDefinition } from '../script.ts';
import { findMultiTurnStrategy } from './multi-turn-strategies.ts';
import { plainStrategy } from './strategy.ts';

/**
 * A step as a strategy has it planned, or `null` where the strategy has nothing to do: one of several turns makes a
 * conversation of a prompt, and no other step; an attacker words its turns itself, so that no strategy can put them.
 */
export function stepUnder(strategy: string, step: StepDefinition): StepDefinition | null {
  if (strategy === plainStrategy) return step;
  const multiTurn = findMultiTurnStrategy(strategy);
  if (multiTurn === undefined) return step.kind === 'conversation' && step.attacker !== undefined ? null : step;
  if (step.kind !== 'send_prompt') return null;
  const { prompt: goal, ...rest } = step;
  return { ...rest, kind: 'conversation', goal, attacker: defaultAttackers[multiTurn.attacker] };
}
