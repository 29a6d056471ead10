import { passesRoutingCheck } from './checksums.ts';
import { isSsnShaped } from './find-numbers.ts';
import type { PiiMatch, PiiType } from './pii-type.ts';

interface LabelledRule {
  readonly type: PiiType;
  /** Source of a pattern without capturing groups. */
  readonly label: string;
  /** Source of a pattern without capturing groups; bounded in every repeat. */
  readonly value: string;
  readonly confidence: number;
  readonly accepts?: (value: string) => boolean;
}

/** A digit, or a letter that text recognition takes for one. */
const scanned = '[0-9OoQDIlSBZGA]';
const scannedDigits: Readonly<Record<string, string>> = {
  O: '0',
  o: '0',
  Q: '0',
  D: '0',
  I: '1',
  l: '1',
  Z: '2',
  A: '4',
  S: '5',
  G: '6',
  B: '8',
};

const monthName = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}';
const dateValue = [
  String.raw`\d{4}[-/.]\d{1,2}[-/.]\d{1,2}`,
  String.raw`\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})`,
  String.raw`\d{1,2}(?:st|nd|rd|th)?[ ]${monthName}\.?,?[ ]\d{4}`,
  String.raw`${monthName}\.?[ ]\d{1,2}(?:st|nd|rd|th)?,?[ ]\d{4}`,
].join('|');

const rules: readonly LabelledRule[] = [
  {
    type: 'us_ssn',
    label: 'ssn|social[ _-]security',
    value: String.raw`${scanned}{3}[ .-]?${scanned}{2}[ .-]?${scanned}{4}`,
    confidence: 0.95,
    accepts: isScannedSsn,
  },
  {
    type: 'phone',
    label: '(?:tele)?phone|tel|mobile|cell|fax|whatsapp|telefon|handy',
    value: String.raw`\+?\(?\d(?:[ ().\/-]{0,2}\d){6,14}`,
    confidence: 0.85,
  },
  { type: 'routing_number', label: 'routing|aba', value: String.raw`\d{9}`, confidence: 0.9, accepts: passesRoutingCheck },
  { type: 'bank_account', label: 'account|acct|konto', value: String.raw`\d{6,17}`, confidence: 0.75 },
  { type: 'medical_record_number', label: 'mrn|medical[ _-]record|patient[ _-]id', value: String.raw`\d{5,10}`, confidence: 0.8 },
  { type: 'passport', label: 'passport', value: String.raw`[A-Z]{0,2}\d{6,9}`, confidence: 0.85 },
  {
    type: 'drivers_license',
    label: String.raw`driver'?s?[ _-]?licen[cs]e|dl`,
    value: String.raw`(?=[A-Z-]{0,4}\d{3})[A-Z0-9-]{6,18}`,
    confidence: 0.8,
  },
  {
    type: 'date_of_birth',
    label: String.raw`dob|d\.o\.b\.|date[ _]of[ _]birth|birth[ _]?da(?:te|y)|born(?: on)?|geburtsdatum`,
    value: dateValue,
    confidence: 0.85,
  },
];

const anyLabel = new RegExp(rules.map((rule) => `(${rule.label})`).join('|'), 'gi');

/** Between a label and its value: at most two filler words and a little punctuation. */
const afterLabel = String.raw`["']?(?:[ \t]{0,3}(?:number|no|num|#|is|of|id)\b\.?){0,2}[ \t]{0,3}["']?[ \t]{0,3}[:=#]?[ \t]{0,3}["']?`;
const valuePatterns = rules.map((rule) => new RegExp(`${afterLabel}(${rule.value})(?![a-z0-9])`, rule.type === 'us_ssn' ? 'y' : 'iy'));

/**
 * Finds numbers that mean a person only because of the label before them.
 *
 * All labels are looked for in one pass; a value pattern runs only right behind a label.
 */
export function findLabelledNumbers(text: string): PiiMatch[] {
  const matches: PiiMatch[] = [];
  for (const label of text.matchAll(anyLabel)) {
    if (label.index > 0 && /[a-z0-9]/i.test(text.charAt(label.index - 1))) continue;
    const which = label.slice(1).findIndex((group) => group !== undefined);
    const rule = rules[which];
    const pattern = valuePatterns[which];
    if (rule === undefined || pattern === undefined) continue;
    pattern.lastIndex = label.index + label[0].length;
    const value = pattern.exec(text)?.[1];
    if (value === undefined || (rule.accepts !== undefined && !rule.accepts(value))) continue;
    matches.push({ type: rule.type, start: pattern.lastIndex - value.length, end: pattern.lastIndex, confidence: rule.confidence });
  }
  return matches;
}

/** As `isSsnShaped`, where at most three digits were misread as letters. */
function isScannedSsn(value: string): boolean {
  const letters = value.replace(/[^A-Za-z]/g, '').length;
  return letters <= 3 && isSsnShaped(value.replace(/[A-Za-z]/g, (letter) => scannedDigits[letter] ?? letter));
}
