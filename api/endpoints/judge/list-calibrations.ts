import { z } from 'zod';

import { calibrationSchema } from '../../../contracts/calibration.ts';
import { pageOf, pageQueryShape } from '../../../contracts/page.ts';
import { listCalibrations as selectCalibrations } from '../../../db/calibrations/list-calibrations.ts';
import { withOrg } from '../../../db/with-org.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { cursorKey, pageCursor } from '../../page-cursor.ts';

const cursor = pageCursor('calibrations', cursorKey.text);

export const listCalibrations = defineEndpoint({
  id: 'listCalibrations',
  method: 'get',
  path: '/api/judge/calibrations',
  tag: 'judge',
  summary: 'List calibrations of the judge, newest first',
  auth: 'apiKey',
  failures: [],
  input: { query: z.strictObject(pageQueryShape) },
  output: { status: 200, description: 'A page of calibrations', schema: pageOf(calibrationSchema) },
  handler: async ({ query }, { deps, principal }) => {
    const before = cursor.decode(query.cursor);
    const rows = await withOrg(deps.database, principal.orgId, (tx) =>
      selectCalibrations(tx, principal.orgId, { before, rows: query.limit + 1 }),
    );
    return cursor.page(rows, query.limit, (row) => row.calibrationId);
  },
});
