import type { PromptVariables } from './template.ts';

// Crockford's base32: no I, L, O, U, so that a model or a person does not misread it.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const bodyLength = 6;
const leftLength = 'ORDEAL-'.length + bodyLength / 2;

/**
 * The canary of a probe, such as `ORDEAL-7F3KQ2`, derived from a digest in hex (at least 12 digits): the same digest
 * gives the same canary, so that a retried step looks for the token that the first attempt sent.
 */
export function probeCanary(digestHex: string): string {
  if (!/^[0-9a-f]{12,}$/i.test(digestHex)) throw new TypeError('The digest of a canary must be at least 12 hex digits');
  let body = '';
  for (let index = 0; index < bodyLength; index += 1) {
    const byte = Number.parseInt(digestHex.slice(index * 2, index * 2 + 2), 16);
    body += alphabet.charAt(byte % alphabet.length);
  }
  return `ORDEAL-${body}`;
}

/** The marker of a session, such as `heron-4821`, derived from a digest in hex (at least 12 digits). */
export function sessionMarker(digestHex: string): string {
  if (!/^[0-9a-f]{12,}$/i.test(digestHex)) throw new TypeError('The digest of a marker must be at least 12 hex digits');
  const number = Number.parseInt(digestHex.slice(0, 8), 16) % 9000;
  return `heron-${number + 1000}`;
}

/** The values of a prompt's variables for one probe. */
export function promptVariables(probe: { readonly canary: string; readonly session: string; readonly marker: string }): PromptVariables {
  return {
    canary: probe.canary,
    'canary.left': probe.canary.slice(0, leftLength),
    'canary.right': probe.canary.slice(leftLength),
    session: probe.session,
    marker: probe.marker,
  };
}
