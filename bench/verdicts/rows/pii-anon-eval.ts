import { findPii } from '../../../domain/detectors/pii/find-pii.ts';
import type { PiiType } from '../../../domain/detectors/pii/pii-type.ts';
import { readJsonLines } from '../data-folder.ts';
import type { VerdictRow } from '../row.ts';

interface LabelledText {
  readonly text: string;
  readonly annotations: readonly { readonly entity_type: string; readonly start: number; readonly end: number }[];
}

interface Counts {
  right: number;
  extra: number;
  missed: number;
}

/** Which labels patterns can know, by our name. Passwords and user names are reported apart: only a label tells them. */
const measured: Partial<Record<PiiType, string>> = {
  email: 'EMAIL_ADDRESS',
  phone: 'PHONE_NUMBER',
  us_ssn: 'SOCIAL_SECURITY_NUMBER',
  ip_address: 'IP_ADDRESS',
  mac_address: 'MAC_ADDRESS',
  medical_record_number: 'MEDICAL_RECORD_NUMBER',
  bank_account: 'BANK_ACCOUNT_NUMBER',
  api_key: 'API_KEY',
  timestamp: 'TIMESTAMP',
};
const alsoReported: Partial<Record<PiiType, string>> = { password: 'PASSWORD', username: 'USERNAME' };

const technologyFloor = 0.95;
const adversarialFloor = 0.97;

/** Exact span and type, summed over the texts (micro average). */
export const row: VerdictRow = {
  id: 'pii-anon-eval',
  datasets: ['pii_anon_eval'],
  measure: 'span F1 (adversarial)',
  requirement: 'technology ≥ .95, adversarial ≥ .97',
  floor: adversarialFloor,
  run: (dataFolder) => {
    const technology = score(dataFolder, 'test_technology_en.jsonl');
    const adversarial = score(dataFolder, 'test_adversarial_en.jsonl');
    return {
      figure: adversarial.f1,
      crossValidated: null,
      isMet: adversarial.f1 >= adversarialFloor && technology.f1 >= technologyFloor,
      detail: `technology F1 ${technology.f1.toFixed(3)}: ${technology.detail}; adversarial: ${adversarial.detail}`,
    };
  },
};

function score(dataFolder: string, file: string): { f1: number; detail: string } {
  const rows = readJsonLines(dataFolder, `pii_anon_eval/${file}`, (value) => value as LabelledText);
  const byType = new Map<string, Counts>();
  for (const labelled of rows) countRow(labelled, byType);
  const measuredLabels = new Set(Object.values(measured));
  const total: Counts = { right: 0, extra: 0, missed: 0 };
  for (const [label, counts] of byType) {
    if (!measuredLabels.has(label)) continue;
    total.right += counts.right;
    total.extra += counts.extra;
    total.missed += counts.missed;
  }
  const perType = [...byType].map(([label, counts]) => `${label} ${f1(counts).toFixed(3)}`).toSorted();
  return {
    f1: f1(total),
    detail: `${rows.length} rows, ${total.right} right, ${total.extra} extra, ${total.missed} missed (${perType.join(', ')})`,
  };
}

function countRow(labelled: LabelledText, byType: Map<string, Counts>): void {
  const names = { ...measured, ...alsoReported };
  const found = new Set<string>();
  for (const match of findPii(labelled.text)) {
    const label = names[match.type];
    if (label !== undefined) found.add(`${label} ${match.start} ${match.end}`);
  }
  const wanted = new Set(
    labelled.annotations
      .filter((annotation) => Object.values(names).includes(annotation.entity_type))
      .map((annotation) => `${annotation.entity_type} ${annotation.start} ${annotation.end}`),
  );
  for (const key of found) countsOf(key, byType)[wanted.has(key) ? 'right' : 'extra'] += 1;
  for (const key of wanted) if (!found.has(key)) countsOf(key, byType).missed += 1;
}

function countsOf(key: string, byType: Map<string, Counts>): Counts {
  const label = key.split(' ')[0] ?? '';
  const counts = byType.get(label) ?? { right: 0, extra: 0, missed: 0 };
  byType.set(label, counts);
  return counts;
}

function f1(counts: Counts): number {
  const denominator = 2 * counts.right + counts.extra + counts.missed;
  return denominator === 0 ? 1 : (2 * counts.right) / denominator;
}
