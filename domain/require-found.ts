import { OrdealError } from './failures.ts';

/** Returns what was found; otherwise throws `not_found`, the same for what is absent and for what belongs to others. */
export function requireFound<Found>(found: Found | undefined, what: string, id: string): Found {
  if (found === undefined) throw new OrdealError('not_found', `There is no ${what} ${id}.`);
  return found;
}
