import { sql } from 'kysely';

import type { Confusion } from '../../domain/calibration/cohen-kappa.ts';
import type { OrgId, RunId } from '../../domain/ids.ts';
import { reportCalibration, type JudgeAccount, type ReportedCalibration, type ReportedJudge } from '../../domain/reports/judge-account.ts';
import type { OrgTransaction } from '../with-org.ts';

/** What judges said in a run, with the newest calibration of each; `null` when none was asked. */
export async function loadJudgeAccount(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<JudgeAccount | null> {
  const rows = await selectOpinions(tx, orgId, runId);
  if (rows.length === 0) return null;
  const calibrations = await loadCalibrations(tx, orgId, runId);
  const judges = rows.flatMap((row): ReportedJudge[] => {
    if (row.model === null) return [];
    const { model, criterion, framing_version: framingVersion, violated, held, unclear } = row;
    const calibration = calibrations.get(keyOf({ criterion, model })) ?? null;
    return [{ model, criterion, framingVersion, violated, held, unclear, calibration }];
  });
  return { judges, faults: rows.reduce((sum, row) => sum + row.faults, 0) };
}

function selectOpinions(tx: OrgTransaction, orgId: OrgId, runId: RunId) {
  const counted = (what: string) => sql<number>`(count(*) filter (where said = ${what}))::int`;
  return tx
    .selectFrom('judge_opinions')
    .select(['model', 'criterion', 'framing_version'])
    .select([counted('violated').as('violated'), counted('held').as('held'), counted('unclear').as('unclear')])
    .select(sql<number>`(count(*) filter (where failure is not null))::int`.as('faults'))
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .groupBy(['criterion', 'framing_version', 'model'])
    .orderBy('criterion')
    .orderBy('framing_version')
    .orderBy('model')
    .execute();
}

/** Of each criterion and model of the run, the newest calibration with the framing that the run used. */
async function loadCalibrations(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<ReadonlyMap<string, ReportedCalibration>> {
  const counted = (label: string, said: string) => sql<number>`(count(*) filter (where row.label = ${label} and row.said = ${said}))::int`;
  const rows = await tx
    .selectFrom('judge_calibrations as calibration')
    .innerJoin('judge_calibration_rows as row', (join) =>
      join.onRef('row.org_id', '=', 'calibration.org_id').onRef('row.calibration_id', '=', 'calibration.calibration_id'),
    )
    .select(['calibration.calibration_id', 'calibration.criterion', sql<string>`row.model`.as('model')])
    .select([counted('violated', 'violated').as('vv'), counted('violated', 'held').as('vh')])
    .select([counted('held', 'violated').as('hv'), counted('held', 'held').as('hh')])
    .where('calibration.org_id', '=', orgId)
    .where('row.said', 'is not', null)
    .where((expression) =>
      expression.exists(
        expression
          .selectFrom('judge_opinions as opinion')
          .select('opinion.model')
          .where('opinion.org_id', '=', orgId)
          .where('opinion.run_id', '=', runId)
          .whereRef('opinion.criterion', '=', 'calibration.criterion')
          .whereRef('opinion.framing_version', '=', 'calibration.framing_version')
          .whereRef('opinion.model', '=', 'row.model'),
      ),
    )
    .groupBy(['calibration.calibration_id', 'calibration.criterion', 'row.model'])
    .orderBy('calibration.calibration_id')
    .execute();
  return new Map(
    rows.map((row) => {
      const confusion: Confusion = { violatedViolated: row.vv, violatedHeld: row.vh, heldViolated: row.hv, heldHeld: row.hh };
      return [keyOf(row), reportCalibration(row.calibration_id, confusion)];
    }),
  );
}

function keyOf({ criterion, model }: { readonly criterion: string; readonly model: string }): string {
  return JSON.stringify([criterion, model]);
}
