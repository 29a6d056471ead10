import type { ModelRequest } from '../../domain/attackers/attacker.ts';
import type { FailureName } from '../../domain/failures.ts';
import type { AttackerCallEnd } from '../../domain/steps/attack-move.ts';
import type { OrgTransaction } from '../with-org.ts';
import { isHeld } from './is-held.ts';
import { probeKey, type HeldProbe, type ProbeKey } from './step-key.ts';

/** What came of one question to the attacker model. */
export interface AttackerCall {
  /** From 1, in the order in which the attack asks. */
  readonly callNo: number;
  readonly purpose: ModelRequest['purpose'];
  readonly end: AttackerCallEnd;
}

/** The questions of an attack that have ended, in order. */
export async function loadAttackerCalls(tx: OrgTransaction, probe: ProbeKey): Promise<readonly AttackerCall[]> {
  const rows = await tx
    .selectFrom('attacker_calls')
    .select(['call_no', 'purpose', 'answer_text', 'model', 'failure', 'failure_detail'])
    .where((eb) => eb.and(probeKey(probe)))
    .orderBy('call_no')
    .execute();
  return rows.map((row) => ({
    callNo: row.call_no,
    purpose: row.purpose as AttackerCall['purpose'],
    end:
      row.answer_text === null
        ? { kind: 'failed', failure: (row.failure ?? 'internal') as FailureName, detail: row.failure_detail ?? '' }
        : { kind: 'answered', text: row.answer_text, model: row.model ?? '' },
  }));
}

/**
 * Records what came of a question, once: the first answer to it stays. False when a later attempt holds the probe, and nothing
 * was written.
 */
export async function insertAttackerCall(tx: OrgTransaction, held: HeldProbe, { callNo, purpose, end }: AttackerCall): Promise<boolean> {
  const answered = end.kind === 'answered' ? end : null;
  const failed = end.kind === 'failed' ? end : null;
  if (!(await isHeld(tx, held))) return false;
  await tx
    .insertInto('attacker_calls')
    .values({
      ...probeKey(held),
      call_no: callNo,
      purpose,
      answer_text: answered?.text ?? null,
      model: answered?.model ?? null,
      failure: failed?.failure ?? null,
      failure_detail: failed?.detail.slice(0, 1_000) ?? null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return true;
}
