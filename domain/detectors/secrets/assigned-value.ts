import type { KeyClass } from './key-name.ts';
import { isPlaceholder } from './placeholder.ts';
import { entropyPerCharacter, hasRandomSegment, holdsEncodedLogin } from './randomness.ts';

export interface AssignedValue {
  readonly text: string;
  readonly isQuoted: boolean;
  /** What follows an unquoted value: `(` or `[` make it a piece of code. */
  readonly next: string;
}

const identifierChain = /^[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)*$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a value behind a name of this class is a secret, and how sure that is (0 = it is not). */
export function secretConfidence(value: AssignedValue, keyClass: KeyClass): number {
  if (value.text.length < 3 || isPlaceholder(value.text)) return 0;
  if (!value.isQuoted && /^[([]/.test(value.next)) return 0;
  return keyClass === 'password' ? passwordConfidence(value) : tokenConfidence(value);
}

function passwordConfidence({ text, isQuoted }: AssignedValue): number {
  if (text.length < 4 && !/\d/.test(text)) return 0;
  if (/\s/.test(text)) return text.length <= 64 && /\d/.test(text) && /[^\w\s]/.test(text) ? 0.5 : 0;
  const hasChanceLook = /\d/.test(text) || /[^\w.-]/.test(text.slice(0, -1)) || hasRandomSegment(text, 8);
  if (hasChanceLook) return isCodeReference(text) ? 0 : 0.85;
  if (isQuoted) return 0.7;
  return identifierChain.test(text) && /[._]|[a-z][A-Z]/.test(text) ? 0 : 0.5;
}

/** A dotted chain of names, some with a number in them, is code; a password seldom has that form. */
function isCodeReference(text: string): boolean {
  return /[.]|->|::/.test(text) && identifierChain.test(text) && !hasRandomSegment(text, 10);
}

function tokenConfidence({ text }: AssignedValue): number {
  if (text.length < 8) return 0;
  if (holdsEncodedLogin(text)) return 0.9;
  if (/\s/.test(text)) return isSaltLike(text) ? 0.7 : 0;
  if (uuid.test(text)) return 0.6;
  if (hasRandomSegment(text, 8)) return 0.8;
  if (isSaltLike(text)) return 0.75;
  const isMixed = /\d/.test(text) && /[A-Za-z]/.test(text) && text.length >= 12 && entropyPerCharacter(text) >= 2.8;
  return isMixed && !isVersionOrPath(text) ? 0.55 : 0;
}

/** Many symbols among letters, as generated salts have. */
function isSaltLike(text: string): boolean {
  const symbols = text.replace(/[\w\s./:,-]/g, '').length;
  return text.length >= 12 && symbols >= 3 && symbols / text.length > 0.12;
}

function isVersionOrPath(text: string): boolean {
  return (
    /^v?\d+(?:\.\d+)+/.test(text) ||
    /^\d{4}-\d{2}-\d{2}/.test(text) ||
    text.split('/').length > 3 ||
    /^https?:/.test(text) ||
    /\.(?:json|ya?ml|pem|key|txt|js|ts|py|go|crt|p12|jks)$/.test(text)
  );
}
