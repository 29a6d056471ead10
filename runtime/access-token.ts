import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { idPrefixes, type ApiKeyId, type OrgId, type SidecarTokenId } from '../domain/ids.ts';

/**
 * API keys and sidecar tokens: `<prefix>_<org>_<id>_<secret><crc>`.
 *
 * The organization and the id are part of the token, so that the lookup itself happens under row-level security.
 * The checksum turns a typing error away before any query. Only the hash of the secret is stored.
 */
const tokenKinds = {
  apiKey: { prefix: 'ordeal', idPrefix: idPrefixes.apiKey },
  sidecar: { prefix: 'ordealsc', idPrefix: idPrefixes.sidecarToken },
} as const;

export type AccessTokenKind = keyof typeof tokenKinds;

interface TokenIds {
  readonly apiKey: ApiKeyId;
  readonly sidecar: SidecarTokenId;
}

export interface ParsedAccessToken<Kind extends AccessTokenKind> {
  readonly orgId: OrgId;
  readonly id: TokenIds[Kind];
  readonly secretHash: string;
}

export interface MintedAccessToken {
  /** The whole token; shown once and never stored. */
  readonly token: string;
  readonly secretHash: string;
}

const tokenPattern = /^(ordeal|ordealsc)_([0-9a-hjkmnp-tv-z]{26})_([0-9a-hjkmnp-tv-z]{26})_([A-Za-z0-9_-]{43})([0-9a-f]{6})$/;

/** Makes a token with 256 random bits. */
export function mintAccessToken<Kind extends AccessTokenKind>(kind: Kind, orgId: OrgId, id: TokenIds[Kind]): MintedAccessToken {
  const secret = randomBytes(32).toString('base64url');
  const text = `${tokenKinds[kind].prefix}_${suffixOf(orgId)}_${suffixOf(id)}_${secret}`;
  return { token: text + checksum(text), secretHash: hashSecret(secret) };
}

/** Reads a token; `undefined` when it is of another kind or shape, or its checksum is wrong. */
export function parseAccessToken<Kind extends AccessTokenKind>(kind: Kind, token: string): ParsedAccessToken<Kind> | undefined {
  const [, prefix, org, id, secret, crc] = tokenPattern.exec(token) ?? [];
  const { prefix: wantedPrefix, idPrefix } = tokenKinds[kind];
  if (prefix !== wantedPrefix || org === undefined || id === undefined || secret === undefined) return undefined;
  if (checksum(token.slice(0, -6)) !== crc) return undefined;
  return {
    orgId: `${idPrefixes.organization}_${org}` as OrgId,
    id: `${idPrefix}_${id}` as TokenIds[Kind],
    secretHash: hashSecret(secret),
  };
}

/** Compares two hashes in constant time. */
export function isSameSecretHash(given: string, stored: string): boolean {
  const a = Buffer.from(given, 'hex');
  const b = Buffer.from(stored, 'hex');
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}

/** The HMAC key with which the holder of this sidecar token signs its batches. */
export function sidecarSigningKey(token: string): string {
  return createHash('sha256').update(`ordeal-sidecar-signing:${token}`).digest('hex');
}

function suffixOf(id: string): string {
  return id.slice(id.indexOf('_') + 1);
}

function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function checksum(text: string): string {
  return (crc32(text) & 0xffffff).toString(16).padStart(6, '0');
}
