import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { endLibraryScanSchema, libraryScanNoSchema, libraryScanSchema } from '../../../contracts/library.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { endScan } from '../../../db/libraries/end-scan.ts';
import { listScans } from '../../../db/libraries/list-scans.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';
import { requireOpenScan } from '../../require-open-scan.ts';

export const endLibraryScan = defineChange({
  id: 'endLibraryScan',
  method: 'post',
  path: '/api/libraries/:libraryId/scans/:scanNo/end',
  tag: 'libraries',
  summary: 'End a scan: what it did not see is marked as gone, unless the source broke off',
  auth: 'apiKey',
  failures: ['conflict'],
  timeoutMs: 30_000,
  input: { params: z.object({ libraryId: idSchema('library'), scanNo: libraryScanNoSchema }), body: endLibraryScanSchema },
  output: { status: 200, description: 'The scan, with what it found', schema: libraryScanSchema },
  change: async (tx, { params: { libraryId, scanNo }, body }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    await requireOpenScan(tx, orgId, { libraryId, scanNo });
    await endScan(tx, orgId, { libraryId, scanNo, ...body });
    const [scan] = await listScans(tx, orgId, { libraryId, before: undefined, rows: 1 });
    const ended = requireFound(scan, 'scan', String(scanNo));
    const { added, changed, unchanged, gone, refused, status } = ended;
    const detail = { scanNo, status, added, changed, unchanged, gone, refused };
    await insertAudit(tx, { orgId, actor, requestId, action: 'library.end_scan', objectType: 'library', objectId: libraryId, detail });
    return { body: ended };
  },
});
