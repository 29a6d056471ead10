import { insertAudit } from '../db/insert-audit.ts';
import { withOrg } from '../db/with-org.ts';
import { failures, OrdealError } from '../domain/failures.ts';
import type { Endpoint } from './define-endpoint.ts';
import type { AuthKind, RequestContext } from './request-context.ts';

export interface Refusal {
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string | string[]>>;
  readonly context: RequestContext<AuthKind>;
  readonly error: unknown;
}

/**
 * Writes an audit row when somebody known was refused for want of permission (403). The refused work left no transaction
 * to write it in. A database that is away does not turn the refusal into another answer: the log has it then.
 */
export async function auditDenial({ endpoint, params, context, error }: Refusal): Promise<void> {
  const { principal, deps, log, requestId } = context;
  if (principal === undefined || !(error instanceof OrdealError) || failures[error.failure].status !== 403) return;
  const { orgId, actor } = principal;
  const detail = { failure: error.failure, params: onlyIds(params) };
  try {
    await withOrg(deps.database, orgId, (tx) =>
      insertAudit(tx, { orgId, actor, requestId, action: 'denied', objectType: 'endpoint', objectId: endpoint.id, detail }),
    );
  } catch (cause) {
    log.error({ err: cause, actor, endpoint: endpoint.id, ...detail }, 'a denial could not be written to the audit log');
  }
}

/** What a caller writes into a path is not a reference until it looks like one. */
function onlyIds(params: Refusal['params']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && /^[a-z]{3}_[0-9a-z]{26}$/.test(entry[1]),
    ),
  );
}
