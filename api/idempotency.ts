import { createHash } from 'node:crypto';

import { findIdempotencyRecord } from '../db/idempotency/find-idempotency-record.ts';
import { insertIdempotencyRecord } from '../db/idempotency/insert-idempotency-record.ts';
import { tryLockIdempotencyKey } from '../db/idempotency/try-lock-idempotency-key.ts';
import type { IdempotencyScope, StoredBody } from '../db/idempotency/idempotency-record.ts';
import { withOrg, type OrgTransaction } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import { openSecret, sealSecret } from '../runtime/secret-box.ts';
import type { RawRequest } from './define-endpoint.ts';
import type { RequestContext } from './request-context.ts';

export interface ChangeRequest {
  /** Method and path pattern: a key may be used again on another route. */
  readonly route: string;
  readonly raw: RawRequest;
  readonly context: RequestContext<'apiKey'>;
  readonly isSecret: boolean;
}

export interface StoredReply {
  readonly status: number;
  readonly text: string;
}

export interface ChangeWork<Prepared> {
  /** What is to be done before the transaction begins, because it waits for others; for a repeat too. */
  readonly prepare: () => Promise<Prepared>;
  readonly change: (tx: OrgTransaction, prepared: Prepared) => Promise<StoredReply>;
}

/**
 * Makes a change at most once per Idempotency-Key, and answers repeats with the stored reply.
 *
 * The key's row, the change and its audit row commit together, so there is no moment at which one exists without the
 * others. A repeat while the first is in flight fails with `idempotency_in_flight`, another request under the same key
 * with `idempotency_key_reused`. A change that throws stores nothing, and its key stays free.
 */
export async function runChange<Prepared>(
  request: ChangeRequest,
  { prepare, change }: ChangeWork<Prepared>,
): Promise<StoredReply & { readonly isReplayed: boolean }> {
  const { context, raw, route } = request;
  const { orgId, actor } = context.principal;
  const scope: IdempotencyScope = { orgId, principal: actor, route, key: readKey(raw) };
  const fingerprint = fingerprintOf(raw);
  const prepared = await prepare();
  return withOrg(context.deps.database, orgId, async (tx) => {
    if (!(await tryLockIdempotencyKey(tx, scope))) {
      throw new OrdealError('idempotency_in_flight', 'The first request with this Idempotency-Key has not ended. Try again in a moment.', {
        retryAfterSeconds: 1,
      });
    }
    const known = await findIdempotencyRecord(tx, scope);
    if (known === undefined) {
      const reply = await change(tx, prepared);
      await insertIdempotencyRecord(tx, scope, { fingerprint, status: reply.status, body: toStored(request, reply.text) });
      return { ...reply, isReplayed: false };
    }
    if (known.fingerprint !== fingerprint) {
      throw new OrdealError(
        'idempotency_key_reused',
        'This Idempotency-Key belongs to a request with another body or path. Use a new key for a new request.',
      );
    }
    return { status: known.status, text: fromStored(request, known.body), isReplayed: true };
  });
}

function readKey(raw: RawRequest): string {
  const key = raw.headers['idempotency-key'];
  if (key === undefined || key === '') {
    throw new OrdealError(
      'idempotency_key_missing',
      'Send an Idempotency-Key header, such as a random UUID, and the same one when you repeat this request.',
      {
        issues: [{ field: 'headers.idempotency-key', message: 'is required' }],
      },
    );
  }
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new OrdealError('invalid_request', 'The Idempotency-Key must have 1 to 255 visible ASCII characters.', {
      issues: [{ field: 'headers.idempotency-key', message: 'must have 1 to 255 visible ASCII characters' }],
    });
  }
  return key;
}

/** Digest of what was asked for, whatever the order of its keys. */
function fingerprintOf(raw: RawRequest): string {
  const asked = { params: raw.params, query: raw.query, body: raw.body?.json ?? null };
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(asked)))
    .digest('hex');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, member]) => [key, sortKeys(member)]));
}

function toStored(request: ChangeRequest, text: string): StoredBody {
  return request.isSecret ? { sealed: sealSecret(request.context.deps.secretKeys[0], text) } : { text };
}

function fromStored(request: ChangeRequest, body: StoredBody): string {
  return 'sealed' in body ? openSecret(request.context.deps.secretKeys, body.sealed) : body.text;
}
