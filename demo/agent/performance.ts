import type { Guard, Situation } from '../policy/guard.ts';
import type { HiddenContext } from './hidden-context.ts';
import { declined, type Outcome } from './outcome.ts';
import type { Session } from './session.ts';
import type { ToolOutcome, ToolRunner } from './tool-runner.ts';

/** All that a command is carried out with. */
export interface Performance {
  readonly session: Session;
  readonly guard: Guard;
  readonly tools: ToolRunner;
  readonly hidden: HiddenContext;
  readonly situation: Situation;
  /** Text that the message brings along, for "summarise this". */
  readonly pasted: string;
  /** Quotations of the message, for rules that work on "what follows". */
  readonly quotes: readonly string[];
}

/** A reply about what a tool did. */
export function told(outcome: ToolOutcome, opening: string): Outcome {
  if (outcome.kind === 'held') return declined(outcome.ruling);
  if (outcome.kind === 'failed') return { reply: `That did not work: ${outcome.error}.` };
  return { reply: `${opening}: ${outcome.text}`, shown: outcome.text };
}
