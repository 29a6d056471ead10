import { OrdealError } from '../domain/failures.ts';
import { requireFound } from '../domain/require-found.ts';

type Change = { readonly kind: 'unknown' } | { readonly kind: 'last_admin' } | { readonly kind: 'changed' | 'ended' };

/** Returns what was changed; throws `not_found`, or `conflict` where an organization would be left without an admin. */
export function requireChanged<Result extends Change>(
  result: Result,
  what: 'member' | 'API key',
  id: string,
): Extract<Result, { readonly kind: 'changed' | 'ended' }> {
  if (result.kind === 'last_admin') {
    throw new OrdealError(
      'conflict',
      `This would leave nobody with an admin's key that does not expire. Give one to another member first; ${id} stays as it is.`,
    );
  }
  return requireFound(
    result.kind === 'unknown' ? undefined : (result as Extract<Result, { readonly kind: 'changed' | 'ended' }>),
    what,
    id,
  );
}
