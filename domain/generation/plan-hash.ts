import { planRowText, type PlanRow } from './plan-row.ts';

/** SHA-256 of a text, in lower-case hex. */
export type Sha256 = (text: string) => string;

/** The hash of one row of a plan. */
export function planRowHash(row: PlanRow, sha256: Sha256): string {
  return sha256(planRowText(row));
}

/** The hash of a plan from the hashes of its rows, in the order of the plan. Whoever reads the plan can work it out again. */
export function planHash(rowHashes: Iterable<string>, sha256: Sha256): string {
  return sha256([...rowHashes].join('\n'));
}
