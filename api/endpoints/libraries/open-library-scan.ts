import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { libraryScanSchema, newLibraryScanSchema } from '../../../contracts/library.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { listScans } from '../../../db/libraries/list-scans.ts';
import { lockLibrary } from '../../../db/libraries/lock-library.ts';
import { openScan } from '../../../db/libraries/open-scan.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';

export const openLibraryScan = defineChange({
  id: 'openLibraryScan',
  method: 'post',
  path: '/api/libraries/:libraryId/scans',
  tag: 'libraries',
  summary: 'Begin to read the source of a library; a scan that is still open is abandoned',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ libraryId: idSchema('library') }), body: newLibraryScanSchema },
  output: { status: 201, description: 'The scan, open', schema: libraryScanSchema },
  change: async (tx, { params: { libraryId }, body }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const { lastScanNo } = requireFound(await lockLibrary(tx, orgId, libraryId), 'library', libraryId);
    const scanNo = lastScanNo + 1;
    await openScan(tx, orgId, { libraryId, scanNo, sourceName: body.sourceName, requestedBy: actor });
    const detail = { scanNo };
    await insertAudit(tx, { orgId, actor, requestId, action: 'library.open_scan', objectType: 'library', objectId: libraryId, detail });
    const [scan] = await listScans(tx, orgId, { libraryId, before: undefined, rows: 1 });
    return { body: requireFound(scan, 'scan', String(scanNo)) };
  },
});
