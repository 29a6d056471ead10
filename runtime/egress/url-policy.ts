import { isIP } from 'node:net';
import type { FailureName } from '../../domain/failures.ts';
import { checkAddress } from './address-policy.ts';
import { isOrdinaryPort } from './port-policy.ts';
import type { PrivateAllow } from './private-allow.ts';

/** A URL that passed every rule that needs no name resolution. */
export interface EgressUrl {
  readonly isTls: boolean;
  /** `https://example.com:8443`, as the WHATWG parser writes it. */
  readonly origin: string;
  /** Without the brackets of an IPv6 literal. */
  readonly hostname: string;
  readonly port: number;
  /** Path and query. The fragment never leaves the process. */
  readonly path: string;
}

export type UrlDecision =
  | { readonly allowed: true; readonly url: EgressUrl }
  | { readonly allowed: false; readonly failure: Extract<FailureName, 'egress_denied' | 'target_config_invalid'>; readonly reason: string };

const metadataNames: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
]);

/** Applies the rules on scheme, credentials, port and host to a URL, parsed here once and never again. */
export function checkUrl(text: string, allow: readonly PrivateAllow[]): UrlDecision {
  if (!URL.canParse(text)) return { allowed: false, failure: 'target_config_invalid', reason: 'The URL of the target is not valid' };
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return denied('Only http and https URLs are allowed');
  if (url.username !== '' || url.password !== '')
    return denied('A URL with a user name or password is not allowed; use the credential of the target');
  const isTls = url.protocol === 'https:';
  const port = url.port === '' ? defaultPort(isTls) : Number(url.port);
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const hostDenial = checkHost(hostname, port, allow);
  if (hostDenial !== undefined) return denied(hostDenial);
  return { allowed: true, url: { isTls, origin: url.origin, hostname, port, path: `${url.pathname}${url.search}` } };
}

/** Why a host and port are denied before any name is resolved, or nothing. */
function checkHost(hostname: string, port: number, allow: readonly PrivateAllow[]): string | undefined {
  if (metadataNames.has(hostname.replace(/\.+$/, ''))) return `${hostname} is a cloud metadata name`;
  if (isIP(hostname) !== 0) {
    const decision = checkAddress(hostname, port, allow);
    return decision.allowed ? undefined : `${hostname} port ${port} ${decision.reason}`;
  }
  if (!isOrdinaryPort(port) && !allow.some((entry) => entry.port === port)) return `Port ${port} is not open to targets`;
  return undefined;
}

function defaultPort(isTls: boolean): number {
  return isTls ? 443 : 80;
}

function denied(reason: string): UrlDecision {
  return { allowed: false, failure: 'egress_denied', reason };
}
