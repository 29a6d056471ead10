import type { Schedule } from '../../contracts/schedule.ts';
import type { ProjectId, ScheduleId } from '../../domain/ids.ts';

export const scheduleColumns = [
  'schedule_id',
  'project_id',
  'name',
  'timing',
  'run_request',
  'is_paused',
  'created_by',
  'revision',
  'synced_revision',
  'created_at',
  'updated_at',
] as const;

interface ScheduleRow {
  readonly schedule_id: string;
  readonly project_id: string;
  readonly name: string;
  readonly timing: unknown;
  readonly run_request: unknown;
  readonly is_paused: boolean;
  readonly created_by: string;
  readonly revision: number;
  readonly synced_revision: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export function toSchedule(row: ScheduleRow): Schedule {
  return {
    scheduleId: row.schedule_id as ScheduleId,
    projectId: row.project_id as ProjectId,
    name: row.name,
    timing: row.timing as Schedule['timing'],
    run: row.run_request as Schedule['run'],
    isPaused: row.is_paused,
    createdBy: row.created_by,
    isSynced: row.revision === row.synced_revision,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
