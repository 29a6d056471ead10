import { OrdealError } from '../domain/failures.ts';
import { checkUrl } from '../runtime/egress/url-policy.ts';
import type { ApiDependencies } from './api-dependencies.ts';

/**
 * Refuses an address that the outbound policy denies, as far as can be told without resolving a name or connecting. Every
 * request is checked again when it is sent.
 */
export function checkAddress({ privateAllow }: ApiDependencies, { field, url }: { readonly field: string; readonly url: string }): void {
  const decision = checkUrl(url, privateAllow);
  if (decision.allowed) return;
  throw new OrdealError(decision.failure, `${field}: ${decision.reason}.`, { issues: [{ field, message: decision.reason }] });
}
