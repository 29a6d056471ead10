import type { PlannedScript } from '../db/runs/plan-probes.ts';
import { OrdealError } from '../domain/failures.ts';
import { stepUnder } from '../domain/strategies/step-under.ts';

/** Throws `invalid_request` when a strategy has nothing to do in any of the scripts: a run must not look as if it had tried it. */
export function refuseIdleStrategies(scripts: readonly PlannedScript[], strategies: readonly string[]): void {
  const steps = scripts.flatMap(({ definition }) => definition.steps);
  const idle = strategies.filter((strategy) => steps.every((step) => stepUnder(strategy, step) === null));
  if (idle.length === 0) return;
  const message = `can be applied to no step of these scripts: ${idle.join(', ')}`;
  throw new OrdealError('invalid_request', `The strategies ${message}`, { issues: [{ field: 'strategies', message }] });
}
