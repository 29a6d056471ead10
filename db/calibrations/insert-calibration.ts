import type { Calibration } from '../../contracts/calibration.ts';
import type { CalibrationId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';
import { toCalibration } from './list-calibrations.ts';

export interface NewCalibration {
  readonly orgId: OrgId;
  readonly calibrationId: CalibrationId;
  readonly name: string;
  readonly criterion: string;
  readonly framingVersion: number;
  readonly models: readonly string[];
  readonly requestedBy: string;
}

export async function insertCalibration(tx: OrgTransaction, calibration: NewCalibration): Promise<Calibration> {
  const row = await tx
    .insertInto('judge_calibrations')
    .values({
      org_id: calibration.orgId,
      calibration_id: calibration.calibrationId,
      name: calibration.name,
      criterion: calibration.criterion,
      framing_version: calibration.framingVersion,
      models: JSON.stringify(calibration.models),
      requested_by: calibration.requestedBy,
    })
    .returning(['calibration_id', 'name', 'criterion', 'framing_version', 'models', 'requested_by', 'created_at'])
    .executeTakeFirstOrThrow();
  return toCalibration({ ...row, rows: 0 });
}
