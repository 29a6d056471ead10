import { sql } from 'kysely';

import type { Calibration } from '../../contracts/calibration.ts';
import type { CalibrationId, OrgId } from '../../domain/ids.ts';
import type { OrgTransaction } from '../with-org.ts';

export interface CalibrationFilter {
  readonly calibrationId?: CalibrationId;
  readonly before?: string | undefined;
  readonly rows: number;
}

/** Calibrations from the newest on, starting below `before`. */
export async function listCalibrations(tx: OrgTransaction, orgId: OrgId, filter: CalibrationFilter): Promise<Calibration[]> {
  let query = tx
    .selectFrom('judge_calibrations as calibration')
    .select(['calibration_id', 'name', 'criterion', 'framing_version', 'models', 'requested_by', 'created_at'])
    .select((select) =>
      select
        .selectFrom('judge_calibration_rows as row')
        .select(sql<number>`count(*)::int`.as('count'))
        .where('row.org_id', '=', orgId)
        .whereRef('row.calibration_id', '=', 'calibration.calibration_id')
        .as('rows'),
    )
    .where('calibration.org_id', '=', orgId);
  if (filter.calibrationId !== undefined) query = query.where('calibration_id', '=', filter.calibrationId);
  if (filter.before !== undefined) query = query.where('calibration_id', '<', filter.before);
  const rows = await query.orderBy('calibration_id', 'desc').limit(filter.rows).execute();
  return rows.map((row) => toCalibration({ ...row, rows: row.rows ?? 0 }));
}

interface StoredCalibration {
  readonly calibration_id: string;
  readonly name: string;
  readonly criterion: string;
  readonly framing_version: number;
  readonly models: unknown;
  readonly requested_by: string;
  readonly created_at: Date;
  readonly rows: number;
}

export function toCalibration(row: StoredCalibration): Calibration {
  return {
    calibrationId: row.calibration_id as CalibrationId,
    name: row.name,
    criterion: row.criterion,
    framingVersion: row.framing_version,
    models: row.models as readonly string[],
    rows: row.rows,
    requestedBy: row.requested_by,
    createdAt: row.created_at.toISOString(),
  };
}
