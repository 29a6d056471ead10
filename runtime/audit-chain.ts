import { createHash, createPublicKey, sign, verify } from 'node:crypto';

import { canonicalJson } from './canonical-json.ts';
import { fingerprintOf, publicKeyObject, type ReportKey } from './report-signature.ts';

/** One audit row as it is chained, every field exactly as the database hashed it. */
export interface ChainedEntry {
  readonly seq: number;
  readonly auditId: string;
  /** UTC, to the microsecond. */
  readonly at: string;
  readonly action: string;
  readonly actor: string;
  readonly objectType: string;
  readonly objectId: string;
  readonly requestId: string | null;
  /** JSON, as the database writes it: its bytes are hashed. */
  readonly detail: string;
  /** SHA-256 in hex, over all of the above, the organization and the hash before. */
  readonly hash: string;
}

/** That a chain had this hash at this place, at a moment. */
export interface AnchorFacts {
  readonly orgId: string;
  readonly seq: number;
  readonly hash: string;
  readonly anchoredAt: string;
}

export interface SignedAnchor extends AnchorFacts {
  /** The 32 bytes of the Ed25519 key, in base64url: the installation's report key. */
  readonly publicKey: string;
  /** Base64url. */
  readonly signature: string;
}

/** The hash of a row that follows `previousHash` (empty for the first), as `audit_hash` of the database computes it. */
export function auditEntryHash(orgId: string, previousHash: string, entry: Omit<ChainedEntry, 'hash'>): string {
  const { seq, auditId, at, action, actor, objectType, objectId, requestId, detail } = entry;
  const fields = ['ordeal-audit/1', previousHash, String(seq), orgId, auditId, at, action, actor, objectType, objectId, requestId, detail];
  return createHash('sha256')
    .update(fields.map((field) => (field === null ? '-' : `${Buffer.byteLength(field)}:${field}`)).join(''))
    .digest('hex');
}

export function signAnchor(key: ReportKey, { orgId, seq, hash, anchoredAt }: AnchorFacts): SignedAnchor {
  const facts = { orgId, seq, hash, anchoredAt };
  return { ...facts, publicKey: key.publicKey, signature: sign(null, anchorBytes(facts), key.privateKey).toString('base64url') };
}

/** The fingerprint of the key that signed the anchor; undefined when the signature does not fit it. */
export function anchorSigner({ orgId, seq, hash, anchoredAt, publicKey, signature }: SignedAnchor): string | undefined {
  const raw = Buffer.from(publicKey, 'base64url');
  const value = Buffer.from(signature, 'base64url');
  if (raw.length !== 32 || value.length !== 64) return undefined;
  const isValid = verify(null, anchorBytes({ orgId, seq, hash, anchoredAt }), createPublicKey(publicKeyObject(raw)), value);
  return isValid ? fingerprintOf(raw) : undefined;
}

function anchorBytes(facts: AnchorFacts): Buffer {
  return Buffer.from(`ordeal-audit-anchor/1\n${canonicalJson(facts)}`);
}
