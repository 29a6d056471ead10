import type { CalibrationRowView } from '../../contracts/calibration.ts';
import type { CalibrationLabel } from '../../domain/calibration/calibrate-judge.ts';
import type { CalibrationId, OrgId } from '../../domain/ids.ts';
import type { JudgeAnswer } from '../../domain/model-judge/opinion.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface CalibrationRowKey {
  readonly calibrationId: CalibrationId;
  readonly rowNo: number;
}

/** A row that was judged, with the digest of what was judged. */
export async function findCalibrationRow(
  tx: OrgTransaction,
  orgId: OrgId,
  key: CalibrationRowKey,
): Promise<(CalibrationRowView & { readonly contentHash: string }) | undefined> {
  const row = await tx
    .selectFrom('judge_calibration_rows')
    .select(['row_no', 'label', 'said', 'confidence', 'model', 'failure', 'content_hash'])
    .where('org_id', '=', orgId)
    .where('calibration_id', '=', key.calibrationId)
    .where('row_no', '=', key.rowNo)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    rowNo: row.row_no,
    label: row.label as CalibrationLabel,
    said: row.said as JudgeAnswer | null,
    confidence: row.confidence,
    model: row.model,
    failure: row.failure,
    contentHash: row.content_hash,
  };
}
