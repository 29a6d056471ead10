import type { OrgTransaction } from '../with-org.ts';
import { probeKey, type HeldProbe } from './step-key.ts';

/** Whether this attempt still holds the probe; if so, nobody else takes it or gives it an outcome before the transaction ends. */
export async function isHeld(tx: OrgTransaction, held: HeldProbe): Promise<boolean> {
  const row = await tx
    .selectFrom('probes')
    .select('epoch')
    .where((eb) => eb.and(probeKey(held)))
    .where('epoch', '=', held.epoch)
    .where('outcome', 'is', null)
    .forShare()
    .executeTakeFirst();
  return row !== undefined;
}
