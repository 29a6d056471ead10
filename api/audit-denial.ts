import { insertAudit } from '../db/insert-audit.ts';
import { withOrg } from '../db/with-org.ts';
import { failures, OrdealError } from '../domain/failures.ts';
import type { Id, OrgId } from '../domain/ids.ts';
import type { Endpoint } from './define-endpoint.ts';
import type { AuthKind, RequestContext } from './request-context.ts';

export interface Refusal {
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string | string[]>>;
  readonly context: Pick<RequestContext<AuthKind>, 'deps' | 'log' | 'requestId'>;
  /** Who was refused; undefined for whom nobody knows. */
  readonly by: { readonly orgId: OrgId; readonly actor: string } | undefined;
  readonly error: unknown;
}

/**
 * Writes an audit row when somebody known was denied what they asked for. The refused work left no transaction to write it
 * in. A database that is away does not turn the refusal into another answer: the log has it then.
 */
export async function auditDenial({ endpoint, params, context, by, error }: Refusal): Promise<void> {
  const { deps, log, requestId } = context;
  if (by === undefined || !(error instanceof OrdealError) || !isDenial(endpoint, error)) return;
  const { orgId, actor } = by;
  const detail = { failure: error.failure, params: onlyIds(params) };
  try {
    await withOrg(deps.database, orgId, (tx) =>
      insertAudit(tx, { orgId, actor, requestId, action: 'denied', objectType: 'endpoint', objectId: endpoint.id, detail }),
    );
  } catch (cause) {
    log.error({ err: cause, actor, endpoint: endpoint.id, ...detail }, 'a denial could not be written to the audit log');
  }
}

/**
 * A rule said no: to this key, to this organization, or to a decision that came too late. What is malformed, is not there or comes too
 * fast is no denial, and neither is an event for which there is no room.
 */
function isDenial(endpoint: Endpoint, { failure, members }: OrdealError): boolean {
  if (failure === 'unauthenticated' || failure === 'decision_token_spent') return true;
  if (failure === 'quota_exceeded') return endpoint.auth === 'apiKey';
  return failures[failure].status === 403 || (failure === 'conflict' && members.winner !== undefined);
}

/** What a caller writes into a path is not a reference until it looks like one. */
function onlyIds(params: Refusal['params']): Record<string, Id<string>> {
  return Object.fromEntries(
    Object.entries(params).filter(
      (entry): entry is [string, Id<string>] => typeof entry[1] === 'string' && /^[a-z]{3}_[0-9a-z]{26}$/.test(entry[1]),
    ),
  );
}
