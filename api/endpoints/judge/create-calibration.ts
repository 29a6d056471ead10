import { calibrationSchema, newCalibrationSchema } from '../../../contracts/calibration.ts';
import { insertCalibration } from '../../../db/calibrations/insert-calibration.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { framingVersion } from '../../../domain/model-judge/frame-judgement.ts';
import { newId } from '../../../runtime/new-id.ts';
import { defineChange } from '../../define-endpoint.ts';

export const createCalibration = defineChange({
  id: 'createCalibration',
  method: 'post',
  path: '/api/judge/calibrations',
  tag: 'judge',
  summary: 'Begin to calibrate the judge on one criterion; its rows follow one by one',
  auth: 'apiKey',
  failures: ['model_not_configured'],
  input: { body: newCalibrationSchema },
  output: { status: 201, description: 'The calibration, without rows', schema: calibrationSchema },
  change: async (tx, { body }, { deps, principal, requestId }) => {
    const { orgId, actor } = principal;
    const models = deps.models.names('judge');
    if (models.length === 0) {
      throw new OrdealError(
        'model_not_configured',
        'There is no judge to calibrate: the operator configures one with ORDEAL_JUDGE_MODELS.',
      );
    }
    const calibrationId = newId('calibration');
    const calibration = await insertCalibration(tx, { orgId, calibrationId, ...body, framingVersion, models, requestedBy: actor });
    await insertAudit(tx, { orgId, actor, requestId, action: 'calibration.create', objectType: 'calibration', objectId: calibrationId });
    return { body: calibration };
  },
});
