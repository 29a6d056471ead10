import type { NewRunRequest } from '../contracts/run.ts';
import { OrdealError } from '../domain/failures.ts';
import { plainStrategy } from '../domain/strategies/strategy.ts';

/** The strategies of a run in the order of its variants: the prompts as written come first, unless they are left out. */
export function resolveStrategies({
  strategies = [],
  isPlainIncluded = true,
}: Pick<NewRunRequest, 'strategies' | 'isPlainIncluded'>): readonly string[] {
  const others = strategies.filter((name) => name !== plainStrategy);
  if (isPlainIncluded) return [plainStrategy, ...others];
  if (others.length === strategies.length && others.length > 0) return others;
  const message = others.length === 0 ? 'leaves nothing to send: name a strategy' : `contradicts "${plainStrategy}" among the strategies`;
  throw new OrdealError('invalid_request', `isPlainIncluded ${message}`, { issues: [{ field: 'isPlainIncluded', message }] });
}
