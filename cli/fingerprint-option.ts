import { InvalidArgumentError } from 'commander';

/** Fingerprints are copied from many places: with colons, in capitals. */
export function fingerprintOption(text: string): string {
  const fingerprint = text.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(fingerprint)) return fingerprint;
  throw new InvalidArgumentError('A fingerprint has 64 hexadecimal digits.');
}
