import { passesIbanCheck, passesLuhn } from './checksums.ts';
import type { PiiMatch, PiiType } from './pii-type.ts';

interface NumberRule {
  readonly type: PiiType;
  /** Global; bounded in every repeat. */
  readonly pattern: RegExp;
  readonly confidence: number;
  readonly accepts?: (value: string) => boolean;
}

const digitsOf = (value: string): string => value.replace(/\D/g, '');

const rules: readonly NumberRule[] = [
  { type: 'us_ssn', pattern: /(?<![\p{L}\p{N}-])\d{3}-\d{2}-\d{4}(?![\p{L}\p{N}]|-\d)/gu, confidence: 0.85, accepts: isSsnShaped },
  {
    type: 'uk_nino',
    pattern: /(?<![\p{L}\p{N}])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![\p{L}\p{N}])/gu,
    confidence: 0.8,
  },
  { type: 'phone', pattern: /\+1[ .-]?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}(?!\d)/g, confidence: 0.9 },
  {
    type: 'phone',
    pattern: /\+(?!1[ .(-])\d{1,3}(?:[ .-]?\(\d{1,4}\))?(?:[ .-]\d{1,7}){1,5}(?!\d)/g,
    confidence: 0.85,
    accepts: hasPhoneLength,
  },
  { type: 'phone', pattern: /(?<![\p{L}\p{N}+])\+\d{8,15}(?!\d)/gu, confidence: 0.85 },
  {
    type: 'phone',
    pattern: /(?<![\p{L}\p{N}.+-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\p{L}\p{N}]|[.-]\d)/gu,
    confidence: 0.7,
  },
  {
    type: 'credit_card',
    pattern: /(?<![\p{L}\p{N}.-])[2-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\p{L}\p{N}]|[.-]\d)/gu,
    confidence: 0.95,
    accepts: isCardNumber,
  },
  {
    type: 'credit_card',
    pattern: /(?<![\p{L}\p{N}.-])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?![\p{L}\p{N}]|[.-]\d)/gu,
    confidence: 0.95,
    accepts: isCardNumber,
  },
  {
    type: 'iban',
    pattern: /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\p{L}\p{N}])/gu,
    confidence: 0.98,
    accepts: isIban,
  },
  { type: 'medical_record_number', pattern: /(?<![\p{L}\p{N}])MRN[-:# ]{1,2}\d{5,10}(?![\p{L}\p{N}])/gu, confidence: 0.9 },
  {
    type: 'timestamp',
    pattern:
      /(?<!\d)(?:19|20)\d{2}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])[T ](?:[01]\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?(?![\p{L}\p{N}])/gu,
    confidence: 0.3,
  },
];

/** Finds numbers whose own shape or checksum says what they are: payment, identity, phone and record numbers, timestamps. */
export function findNumbers(text: string): PiiMatch[] {
  const matches: PiiMatch[] = [];
  for (const rule of rules) {
    for (const { 0: value, index } of text.matchAll(rule.pattern)) {
      if (rule.accepts !== undefined && !rule.accepts(value)) continue;
      matches.push({ type: rule.type, start: index, end: index + value.length, confidence: rule.confidence });
    }
  }
  return matches;
}

/** Whether the number can be a US social security number. Areas 000 and 666, group 00 and serial 0000 are never given; areas above 899 are, as taxpayer numbers. */
export function isSsnShaped(value: string): boolean {
  const digits = digitsOf(value);
  const area = digits.slice(0, 3);
  return area !== '000' && area !== '666' && digits.slice(3, 5) !== '00' && digits.slice(5) !== '0000';
}

function hasPhoneLength(value: string): boolean {
  const length = digitsOf(value).length;
  return length >= 8 && length <= 15;
}

function isCardNumber(value: string): boolean {
  const digits = digitsOf(value);
  return digits.length >= 13 && digits.length <= 19 && passesLuhn(digits) && new Set(digits).size > 2;
}

function isIban(value: string): boolean {
  const compact = value.replaceAll(' ', '');
  return compact.length >= 15 && compact.length <= 34 && passesIbanCheck(compact);
}
