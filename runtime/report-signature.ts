import { createPrivateKey, createPublicKey, createHash, hkdfSync, sign, verify, type KeyObject } from 'node:crypto';

import { canonicalJson } from './canonical-json.ts';
import type { SecretKey } from './secret-box.ts';

/** A key that signs reports; who checks them needs its fingerprint only. */
export interface ReportKey {
  readonly privateKey: KeyObject;
  /** The 32 bytes of the public key, in base64url. */
  readonly publicKey: string;
  /** SHA-256 of those bytes, in hex. */
  readonly fingerprint: string;
}

/** What stands in a signed report beside the report. */
interface ReportSignature {
  readonly algorithm: 'Ed25519';
  readonly publicKey: string;
  readonly fingerprint: string;
  /** Base64url, over the canonical JSON of the envelope without `signature`. */
  readonly value: string;
}

const format = 'ordeal-signed-report/1';
/** Keeps a signature over a report from being one over anything else that is ever signed with the same key. */
const signingContext = Buffer.from(`${format}\n`);

/** Derives the signing key (Ed25519, seed by HKDF-SHA-256) of an installation: the same secret gives the same key. */
export function reportKeyOf(secret: SecretKey): ReportKey {
  const seed = Buffer.from(hkdfSync('sha256', secret.bytes, '', 'ordeal report signing key, ed25519, 1', 32));
  const privateKey = createPrivateKey({ key: Buffer.concat([ed25519Pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(ed25519SpkiPrefix.length);
  return { privateKey, publicKey: raw.toString('base64url'), fingerprint: fingerprintOf(raw) };
}

/** What RFC 8410 puts before the bytes of a private and of a public key. */
const ed25519Pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const ed25519SpkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** Signs a report; the text is canonical JSON (RFC 8785) and has to be kept byte for byte. */
export function signReport(key: ReportKey, report: object): string {
  const signed = { format, report };
  const value = sign(null, signedBytes(signed), key.privateKey).toString('base64url');
  const { publicKey, fingerprint } = key;
  const signature: ReportSignature = { algorithm: 'Ed25519', publicKey, fingerprint, value };
  return canonicalJson({ ...signed, signature });
}

function signedBytes(signed: { readonly format: string; readonly report: unknown }): Buffer {
  return Buffer.concat([signingContext, Buffer.from(canonicalJson(signed))]);
}

/** The 32 bytes of an Ed25519 public key, as `createPublicKey` takes them. */
export function publicKeyObject(publicKey: Uint8Array): { readonly key: Buffer; readonly format: 'der'; readonly type: 'spki' } {
  return { key: Buffer.concat([ed25519SpkiPrefix, publicKey]), format: 'der', type: 'spki' };
}

/** SHA-256 of the 32 bytes of a public key, in hex. */
export function fingerprintOf(publicKey: Buffer): string {
  return createHash('sha256').update(publicKey).digest('hex');
}

export type SignatureCheck =
  | { readonly isValid: true; readonly fingerprint: string; readonly report: Readonly<Record<string, unknown>> }
  | { readonly isValid: false; readonly reason: string };

/**
 * Checks a signed report, with nothing but the file. A valid one is, byte for byte, what the owner of the key with this
 * fingerprint signed; whether that key is to be trusted is for the caller to compare.
 */
export function checkSignedReport(bytes: Uint8Array): SignatureCheck {
  const envelope = readEnvelope(bytes);
  if (typeof envelope === 'string') return { isValid: false, reason: envelope };
  const { report, signature } = envelope;
  const publicKey = Buffer.from(signature.publicKey, 'base64url');
  const value = Buffer.from(signature.value, 'base64url');
  // Base64 has several spellings of the same bytes.
  if (publicKey.length !== 32 || publicKey.toString('base64url') !== signature.publicKey) return invalid('the public key is damaged');
  if (value.length !== 64 || value.toString('base64url') !== signature.value) return invalid('the signature is damaged');
  if (fingerprintOf(publicKey) !== signature.fingerprint) return invalid('the fingerprint is not that of the public key');
  if (!verify(null, signedBytes({ format, report }), createPublicKey(publicKeyObject(publicKey)), value))
    return invalid('the signature does not fit the report: it was changed after it was signed');
  return { isValid: true, fingerprint: signature.fingerprint, report };
}

function invalid(reason: string): SignatureCheck {
  return { isValid: false, reason };
}

interface Envelope {
  readonly report: Readonly<Record<string, unknown>>;
  readonly signature: ReportSignature;
}

/** The envelope, or why there is none. Only canonical JSON is taken: otherwise a key could stand in it twice. */
function readEnvelope(bytes: Uint8Array): Envelope | string {
  let envelope: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    envelope = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  if (!isRecord(envelope) || envelope['format'] !== format) return `it is no signed report (format ${format})`;
  const { report, signature } = envelope;
  if (!isRecord(report) || !isSignature(signature)) return 'report or signature are missing';
  if (Object.keys(envelope).length !== 3) return 'there is something in it beside report and signature';
  if (canonicalJson(envelope) !== text) return 'it is not byte for byte what was written: keep the file as it was received';
  return { report, signature };
}

function isSignature(value: unknown): value is ReportSignature {
  return (
    isRecord(value) &&
    value['algorithm'] === 'Ed25519' &&
    (['publicKey', 'fingerprint', 'value'] as const).every((name) => typeof value[name] === 'string') &&
    Object.keys(value).length === 4
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
