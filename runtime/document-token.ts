import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

import { idPrefixes, type OrgId, type ProbeId } from '../domain/ids.ts';
import type { SecretKey } from './secret-box.ts';

/** Whose document it is. */
export interface DocumentAddress {
  readonly orgId: OrgId;
  readonly probeId: ProbeId;
}

/**
 * The last part of the address at which a planted document is served: `<org>.<probe>.<mac>`. The ids are part of it so that the lookup
 * happens under row-level security; without the key of the installation nobody can make one. The same key gives the
 * same address, so that a step which is done again names the document alike.
 */
export function mintDocumentToken(key: SecretKey, { orgId, probeId }: DocumentAddress): string {
  const address = `${suffixOf(orgId)}.${suffixOf(probeId)}`;
  return `${address}.${macOf(key, address)}`;
}

const tokenPattern = /^([0-9a-hjkmnp-tv-z]{26})\.([0-9a-hjkmnp-tv-z]{26})\.([\w-]{43})$/;

/** Reads a token; `undefined` unless it was made with one of the keys. */
export function parseDocumentToken(keys: readonly SecretKey[], token: string): DocumentAddress | undefined {
  const [, org, probe, mac] = tokenPattern.exec(token) ?? [];
  if (org === undefined || probe === undefined || mac === undefined) return undefined;
  if (!keys.some((key) => isSame(macOf(key, `${org}.${probe}`), mac))) return undefined;
  return { orgId: `${idPrefixes.organization}_${org}` as OrgId, probeId: `${idPrefixes.probe}_${probe}` as ProbeId };
}

function macOf(key: SecretKey, address: string): string {
  const own = Buffer.from(hkdfSync('sha256', key.bytes, '', 'ordeal planted documents, hmac-sha256, 1', 32));
  return createHmac('sha256', own).update(address).digest('base64url');
}

function isSame(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

function suffixOf(id: string): string {
  return id.slice(id.indexOf('_') + 1);
}
