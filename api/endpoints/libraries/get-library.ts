import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { librarySchema } from '../../../contracts/library.ts';
import { listLibraries } from '../../../db/libraries/list-libraries.ts';
import { withOrg } from '../../../db/with-org.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getLibrary = defineEndpoint({
  id: 'getLibrary',
  method: 'get',
  path: '/api/libraries/:libraryId',
  tag: 'libraries',
  summary: 'Get a library with its counts and its last scan',
  auth: 'apiKey',
  failures: [],
  input: { params: z.object({ libraryId: idSchema('library') }) },
  output: { status: 200, description: 'The library', schema: librarySchema },
  handler: async ({ params: { libraryId } }, { deps, principal }) => {
    const [library] = await withOrg(deps.database, principal.orgId, (tx) => listLibraries(tx, principal.orgId, { libraryId, rows: 1 }));
    return requireFound(library, 'library', libraryId);
  },
});
