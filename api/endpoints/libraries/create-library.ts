import { librarySchema, newLibrarySchema } from '../../../contracts/library.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { insertLibrary } from '../../../db/libraries/insert-library.ts';
import { listLibraries } from '../../../db/libraries/list-libraries.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { newId } from '../../../runtime/new-id.ts';
import { defineChange } from '../../define-endpoint.ts';

export const createLibrary = defineChange({
  id: 'createLibrary',
  method: 'post',
  path: '/api/libraries',
  tag: 'libraries',
  summary: 'Create a library; its prompts follow in a scan',
  auth: 'apiKey',
  failures: ['conflict'],
  input: { body: newLibrarySchema },
  output: { status: 201, description: 'The library, empty', schema: librarySchema },
  change: async (tx, { body }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const libraryId = newId('library');
    if (!(await insertLibrary(tx, { orgId, libraryId, ...body }))) {
      throw new OrdealError('conflict', `There is a library ${body.name} already. Scan its source again, or choose another name.`, {
        issues: [{ field: 'name', message: 'belongs to another library' }],
      });
    }
    const detail = { sourceKind: body.sourceKind };
    await insertAudit(tx, { orgId, actor, requestId, action: 'library.create', objectType: 'library', objectId: libraryId, detail });
    const [library] = await listLibraries(tx, orgId, { libraryId, rows: 1 });
    return { body: requireFound(library, 'library', libraryId) };
  },
});
