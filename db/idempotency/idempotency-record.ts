import type { OrgId } from '../../domain/ids.ts';

export interface IdempotencyScope {
  readonly orgId: OrgId;
  readonly principal: string;
  readonly route: string;
  readonly key: string;
}

/** The answer as text, because `jsonb` would change the order of its keys; sealed where it holds a secret. */
export type StoredBody = { readonly text: string } | { readonly sealed: string };

export interface IdempotencyRecord {
  readonly fingerprint: string;
  readonly status: number;
  readonly body: StoredBody;
}

/** Long enough for a client that was offline over a weekend; afterwards the key is free. */
export const idempotencyRetentionDays = 7;
