import type { CalibrationRowView } from '../../contracts/calibration.ts';
import type { OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import type { CalibrationRowKey } from './find-calibration-row.ts';

/** Keeps what the judge said of a row; what is there already stays. */
export async function insertCalibrationRow(
  tx: OrgTransaction,
  orgId: OrgId,
  row: CalibrationRowView & Pick<CalibrationRowKey, 'calibrationId'> & { readonly contentHash: string },
): Promise<void> {
  await tx
    .insertInto('judge_calibration_rows')
    .values({
      org_id: orgId,
      calibration_id: row.calibrationId,
      row_no: row.rowNo,
      content_hash: row.contentHash,
      label: row.label,
      said: row.said,
      confidence: row.confidence,
      model: row.model,
      failure: row.failure,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
