import type { AttackContext } from '../domain/attackers/attacker.ts';
import type { PromptSession } from '../domain/prompt-rendering.ts';
import { isStateful, sessionNamedBy } from '../domain/target-exchange.ts';
import type { TargetDefinition } from '../domain/target.ts';
import { canaryOf, renderGoal, strategySeed } from './render-content.ts';
import type { SendableProbe } from './render-request.ts';

export interface AttackSetting {
  readonly goal: string;
  readonly session: PromptSession;
  /** Whether there is a model that words attacks. */
  readonly hasModel: boolean;
}

/** What an attacker is told of the probe that it works on. */
export function attackContext(probe: SendableProbe, { goal, session, hasModel }: AttackSetting): AttackContext {
  const { text, kept } = renderGoal(probe, goal, session);
  const canary = canaryOf(probe);
  return {
    goal: text,
    seed: strategySeed(probe),
    memory: memoryOf(probe.target),
    hasModel,
    // A goal that spells the canary out cannot be proved by it, so there is nothing to keep from the agent.
    secrets: text.includes(canary) ? [] : [canary],
    mustHold: kept,
  };
}

function memoryOf(target: TargetDefinition): AttackContext['memory'] {
  if (!isStateful(target)) return 'history';
  return sessionNamedBy(target) === 'none' ? 'none' : 'session';
}
