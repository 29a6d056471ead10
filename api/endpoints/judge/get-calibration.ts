import { z } from 'zod';

import { calibrationDetailSchema } from '../../../contracts/calibration.ts';
import { idSchema } from '../../../contracts/id.ts';
import { loadCalibration } from '../../../db/calibrations/load-calibration.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getCalibration = defineEndpoint({
  id: 'getCalibration',
  method: 'get',
  path: '/api/judge/calibrations/:calibrationId',
  tag: 'judge',
  summary: 'Get a calibration with its figures and what it cost',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ calibrationId: idSchema('calibration') }) },
  output: { status: 200, description: 'The calibration', schema: calibrationDetailSchema },
  handler: async ({ params: { calibrationId } }, { deps, principal }) => {
    const found = await withOrg(deps.database, principal.orgId, (tx) => loadCalibration(tx, principal.orgId, calibrationId));
    return requireFound(found, 'calibration', calibrationId);
  },
});
