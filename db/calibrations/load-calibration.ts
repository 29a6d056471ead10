import type { CalibrationDetail } from '../../contracts/calibration.ts';
import { calibrateJudge, type CalibrationLabel } from '../../domain/calibration/calibrate-judge.ts';
import type { CalibrationId, OrgId } from '../../domain/ids.ts';
import type { JudgeAnswer } from '../../domain/model-judge/opinion.ts';
import { loadModelUse } from '../models/load-model-use.ts';
import type { OrgTransaction } from '../with-org.ts';
import { listCalibrations } from './list-calibrations.ts';

/** A calibration with its figures, which are derived from its rows each time. */
export async function loadCalibration(
  tx: OrgTransaction,
  orgId: OrgId,
  calibrationId: CalibrationId,
): Promise<CalibrationDetail | undefined> {
  const [calibration] = await listCalibrations(tx, orgId, { calibrationId, rows: 1 });
  if (calibration === undefined) return undefined;
  const rows = await tx
    .selectFrom('judge_calibration_rows')
    .select(['label', 'said'])
    .where('org_id', '=', orgId)
    .where('calibration_id', '=', calibrationId)
    .orderBy('row_no')
    .execute();
  const labelled = rows.map(({ label, said }) => ({ label: label as CalibrationLabel, said: said as JudgeAnswer | null }));
  const use = await loadModelUse(tx, orgId, { kind: 'calibration', ids: [calibrationId] });
  return { ...calibration, figures: calibrateJudge(labelled, calibrationId), modelUse: use.get(calibrationId) ?? [] };
}
