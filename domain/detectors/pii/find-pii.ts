import { findCredentials } from './find-credentials.ts';
import { findEmails } from './find-emails.ts';
import { findLabelledNumbers } from './find-labelled-numbers.ts';
import { findNetworkAddresses } from './find-network-addresses.ts';
import { findNumbers } from './find-numbers.ts';
import type { PiiMatch } from './pii-type.ts';

/** Version of the patterns, raised with every change that can change a result. */
export const piiVersion = 1;

export interface PiiOptions {
  /**
   * Also report a MAC address that stands in brackets right behind the IP address of the same machine. Off by default,
   * so that a leak of one endpoint counts once; whoever redacts turns it on.
   */
  readonly keepEndpointAliases?: boolean;
}

/**
 * Finds personal data whose shape alone gives them away, in the order of their place; spans never overlap.
 *
 * Names, street addresses and health conditions have no shape and are not looked for. `timestamp` and `username` are
 * personal only beside other data and carry a low confidence.
 */
export function findPii(text: string, options: PiiOptions = {}): PiiMatch[] {
  const candidates = [
    ...findEmails(text),
    ...findNumbers(text),
    ...findLabelledNumbers(text),
    ...findNetworkAddresses(text),
    ...findCredentials(text),
  ];
  const matches = withoutOverlaps(candidates);
  return options.keepEndpointAliases === true
    ? matches
    : matches.filter((match, index) => !isEndpointAlias(text, match, matches[index - 1]));
}

function isEndpointAlias(text: string, match: PiiMatch, previous: PiiMatch | undefined): boolean {
  if (match.type !== 'mac_address' || previous?.type !== 'ip_address') return false;
  return /^ {0,2}[([](?:mac(?:[ _-]?address)?[ :=]{0,3})?$/i.test(text.slice(previous.end, match.start));
}

/** Of two spans that overlap the surer one stays, then the longer one. */
function withoutOverlaps(candidates: readonly PiiMatch[]): PiiMatch[] {
  const byPlace = candidates.toSorted((a, b) => a.start - b.start || b.confidence - a.confidence || b.end - a.end);
  const kept: PiiMatch[] = [];
  for (const candidate of byPlace) {
    const previous = kept.at(-1);
    if (previous === undefined || candidate.start >= previous.end) kept.push(candidate);
    else if (isBetter(candidate, previous)) kept[kept.length - 1] = candidate;
  }
  return kept;
}

function isBetter(candidate: PiiMatch, rival: PiiMatch): boolean {
  if (candidate.confidence !== rival.confidence) return candidate.confidence > rival.confidence;
  return candidate.end - candidate.start > rival.end - rival.start;
}
