import { sql } from 'kysely';

import type { FailureName } from '../../domain/failures.ts';
import type { Verdict } from '../../domain/judge.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { StepDefinition } from '../../domain/script.ts';
import type { OrgTransaction } from '../with-org.ts';
import { appendToFeed } from './append-to-feed.ts';
import { probeKey, type HeldProbe } from './step-key.ts';

export interface NewVerdict extends Pick<Verdict, 'reason' | 'detections' | 'weakness'> {
  readonly outcome: Outcome;
  /** What the last attempt failed with, when that decided the outcome. */
  readonly failure: FailureName | null;
}

export type RecordedVerdict =
  | { readonly kind: 'settled'; readonly outcome: Outcome; readonly failure: FailureName | null }
  /** Another attempt holds the probe, and has yet to decide. */
  | { readonly kind: 'undecided' };

/**
 * Gives a held probe its outcome, once. When the probe has one already, or a later attempt holds it, nothing is written
 * and what is stored is returned.
 */
export async function recordVerdict(tx: OrgTransaction, held: HeldProbe, verdict: NewVerdict): Promise<RecordedVerdict> {
  const row = await tx
    .updateTable('probes')
    .set({
      outcome: verdict.outcome,
      reason: verdict.reason.code,
      detail: verdict.reason.text.slice(0, 2_000),
      failure: verdict.failure,
      detections: JSON.stringify(verdict.detections),
      weakness: verdict.weakness === null ? null : JSON.stringify(verdict.weakness),
      judged_at: sql<Date>`now()`,
    })
    .where((eb) => eb.and(probeKey(held)))
    .where('epoch', '=', held.epoch)
    .where('outcome', 'is', null)
    .returning(['probe_id', 'step_id', 'script_slug', 'step', 'style', 'strategy'])
    .executeTakeFirst();
  if (row === undefined) return loadVerdict(tx, held);
  const { title } = row.step as unknown as StepDefinition;
  const probe = { probeId: row.probe_id, stepId: row.step_id, script: row.script_slug, title, style: row.style, strategy: row.strategy };
  await appendToFeed(tx, held, { type: 'probe_judged', data: { ...probe, outcome: verdict.outcome, reason: verdict.reason.text } });
  return { kind: 'settled', outcome: verdict.outcome, failure: verdict.failure };
}

async function loadVerdict(tx: OrgTransaction, held: HeldProbe): Promise<RecordedVerdict> {
  const row = await tx
    .selectFrom('probes')
    .select(['outcome', 'failure'])
    .where((eb) => eb.and(probeKey(held)))
    .executeTakeFirstOrThrow();
  if (row.outcome === null) return { kind: 'undecided' };
  return { kind: 'settled', outcome: row.outcome as Outcome, failure: row.failure as FailureName | null };
}
