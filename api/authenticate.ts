import { findApiKey } from '../db/access/find-api-key.ts';
import { findSidecarToken } from '../db/access/find-sidecar-token.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg } from '../db/with-org.ts';
import { assertNever } from '../domain/assert-never.ts';
import { OrdealError } from '../domain/failures.ts';
import type { OrgId } from '../domain/ids.ts';
import { isSameSecretHash, parseAccessToken, sidecarSigningKey } from '../runtime/access-token.ts';
import { accessTable, mayCall, type Access, type EndpointId } from './access-table.ts';
import type { AuthKind, Principals } from './request-context.ts';

/** Finds who sends a request; throws `unauthenticated`, or `forbidden` for a good token of the wrong kind. */
export async function authenticate(database: TenantDatabase, auth: AuthKind, header: string | undefined): Promise<Principals[AuthKind]> {
  switch (auth) {
    case 'none':
      return undefined;
    case 'apiKey':
      return authenticateApiKey(database, bearerOf(header));
    case 'sidecar':
      return authenticateSidecar(database, bearerOf(header));
    default:
      return assertNever(auth);
  }
}

async function authenticateApiKey(database: TenantDatabase, token: string): Promise<Principals['apiKey']> {
  const parsed = parseAccessToken('apiKey', token);
  if (parsed === undefined) {
    if (parseAccessToken('sidecar', token) === undefined) throw rejected();
    const { orgId, actor } = await authenticateSidecar(database, token);
    throw new DeniedToken({ orgId, actor }, 'forbidden', 'A sidecar token may only send events. Use an API key.');
  }
  const { orgId, id } = parsed;
  const key = await withOrg(database, orgId, (tx) => findApiKey(tx, orgId, id));
  if (key === undefined || !isSameSecretHash(parsed.secretHash, key.secretHash)) throw rejected();
  if (!key.isLive) throw deadToken({ orgId, actor: id });
  return { orgId, actor: id, keyId: id, memberId: key.memberId, role: key.role };
}

async function authenticateSidecar(database: TenantDatabase, token: string): Promise<Principals['sidecar']> {
  const parsed = parseAccessToken('sidecar', token);
  if (parsed === undefined) {
    if (parseAccessToken('apiKey', token) === undefined) throw rejected();
    const { orgId, actor } = await authenticateApiKey(database, token);
    throw new DeniedToken({ orgId, actor }, 'forbidden', 'Events are sent with a sidecar token, not with an API key.');
  }
  const { orgId, id } = parsed;
  const row = await withOrg(database, orgId, (tx) => findSidecarToken(tx, orgId, id));
  if (row === undefined || !isSameSecretHash(parsed.secretHash, row.secretHash)) throw rejected();
  if (!row.isLive) throw deadToken({ orgId, actor: id });
  return { orgId, actor: id, tokenId: id, targetId: row.targetId, signingKey: sidecarSigningKey(token) };
}

/** Whose token was refused: it is real, and was ended, or is of the wrong kind. */
export class DeniedToken extends OrdealError {
  readonly by: TokenOwner;

  constructor(by: TokenOwner, failure: 'unauthenticated' | 'forbidden', detail: string) {
    super(failure, detail);
    this.by = by;
  }
}

interface TokenOwner {
  readonly orgId: OrgId;
  readonly actor: string;
}

function bearerOf(header: string | undefined): string {
  const token = /^Bearer +([^\s]+) *$/i.exec(header ?? '')?.[1];
  if (token === undefined) {
    throw new OrdealError('unauthenticated', 'Send the header `Authorization: Bearer <key>`.', {
      issues: [{ field: 'headers.authorization', message: header === undefined ? 'is required' : 'must be "Bearer" and a key' }],
    });
  }
  return token;
}

/** One message for every reason: it must not tell which keys exist. */
const rejection = 'The key or token is not valid, was revoked, or has expired.';

function rejected(): OrdealError {
  return new OrdealError('unauthenticated', rejection);
}

function deadToken(by: TokenOwner): DeniedToken {
  return new DeniedToken(by, 'unauthenticated', rejection);
}

/** Throws `forbidden` when the role of this key is not among those that the endpoint takes. */
export function authorize(id: EndpointId, principal: Principals[AuthKind]): void {
  if (principal === undefined || !('role' in principal) || mayCall(id, principal.role)) return;
  const wanted: Access = accessTable[id];
  const roles = typeof wanted === 'string' ? [] : wanted;
  throw new OrdealError(
    'forbidden',
    `This key is ${principal.role}; ${id} takes ${roles.join(', ')}. Ask an admin for a key that may do this.`,
  );
}
