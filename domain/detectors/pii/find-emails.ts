import type { PiiMatch } from './pii-type.ts';

const maxLocalLength = 64;
const maxDomainLength = 255;
const atSigns = ['@', '%40'] as const;
const localPunctuation = "._+'-";
const domainPunctuation = '.-';
const letterOrDigit = /[\p{L}\p{N}]/u;
const topLevelDomain = /^(?:\p{L}{2,24}|xn--[a-z0-9-]{2,59})$/iu;

/**
 * Finds e-mail addresses, also with letters of other scripts (look-alikes) and with `%40` in the place of `@`.
 *
 * It looks outwards from each at sign instead of forwards from each letter, so the work is bounded by the number of
 * at signs and the longest legal address.
 */
export function findEmails(text: string): PiiMatch[] {
  const matches: PiiMatch[] = [];
  for (const at of atSigns) {
    for (let index = text.indexOf(at); index >= 0; index = text.indexOf(at, index + at.length)) {
      const end = domainEnd(text, index + at.length);
      if (end < 0) continue;
      const start = localStart(text, index);
      if (start === index) continue;
      matches.push({ type: 'email', start, end, confidence: 0.95 });
    }
  }
  return matches;
}

function localStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < maxLocalLength && isAddressCharacter(text, start - 1, localPunctuation)) start -= 1;
  while (start < at && /[.'_+-]/.test(text.charAt(start)) && text.charAt(start) !== '_') start += 1;
  return start;
}

/** The end of a host name with a top-level domain that starts at `from`, or -1. */
function domainEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && end - from < maxDomainLength && isAddressCharacter(text, end, domainPunctuation)) end += 1;
  while (end > from && /[.-]/.test(text.charAt(end - 1))) end -= 1;
  if (end - from < 4) return -1;
  const labels = text.slice(from, end).split('.');
  const last = labels.at(-1) ?? '';
  if (labels.length < 2 || labels.includes('') || !topLevelDomain.test(last)) return -1;
  return end;
}

/** ASCII is decided by its code, everything else by Unicode's own classes. */
function isAddressCharacter(text: string, index: number, punctuation: string): boolean {
  const code = text.charCodeAt(index);
  if (code > 127) return letterOrDigit.test(text.charAt(index));
  const isAlphanumeric = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90);
  return isAlphanumeric || punctuation.includes(text.charAt(index));
}
