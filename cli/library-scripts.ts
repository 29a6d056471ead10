import type { z } from 'zod';

import { librarySchema, libraryScriptsSchema, type Library } from '../contracts/library.ts';
import { OrdealError } from '../domain/failures.ts';
import type { ApiClient } from './api-client.ts';
import { findByName } from './find-by-name.ts';

export type LibraryScript = z.output<typeof libraryScriptsSchema>['scripts'][number];

/** A library by id or name. Throws `invalid_request` that lists what exists. */
export async function findLibrary(api: ApiClient, wanted: string): Promise<Library> {
  const libraries = await api.list('/api/libraries', librarySchema);
  return findByName(
    libraries.map((item) => ({ ...item, id: item.libraryId })),
    { noun: 'library', wanted },
  );
}

/** Brings the scripts of a library up to date with its entries, and returns them all. Throws when it has no entries. */
export async function makeLibraryScripts(api: ApiClient, wanted: string): Promise<readonly LibraryScript[]> {
  const { libraryId, name } = await findLibrary(api, wanted);
  const scripts: LibraryScript[] = [];
  for (let fromScript: number | null = 1; fromScript !== null;) {
    // Each answer says where the next one begins.
    // oxlint-disable-next-line no-await-in-loop
    const made: z.output<typeof libraryScriptsSchema> = await api.post(`/api/libraries/${libraryId}/scripts`, libraryScriptsSchema, {
      fromScript,
    });
    scripts.push(...made.scripts);
    fromScript = made.nextScript;
  }
  if (scripts.length === 0) throw new OrdealError('invalid_request', `The library ${name} has no entries to run.`);
  return scripts;
}
