import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { libraryScriptsRequestSchema, libraryScriptsSchema } from '../../../contracts/library.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { insertScriptVersion } from '../../../db/insert-script-version.ts';
import { loadScriptEntries } from '../../../db/libraries/load-script-entries.ts';
import { lockLibrary } from '../../../db/libraries/lock-library.ts';
import { auditText } from '../../../domain/audit-detail.ts';
import { libraryScript, scriptNumberOf } from '../../../domain/libraries/library.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { defineChange } from '../../define-endpoint.ts';

/** Of one answer. */
const maxScripts = 20;
/** Of the prompts of one answer; one script more may go beyond it. */
const maxCharacters = 4_000_000;

export const makeLibraryScripts = defineChange({
  id: 'makeLibraryScripts',
  method: 'post',
  path: '/api/libraries/:libraryId/scripts',
  tag: 'libraries',
  summary: 'Bring the scripts of a library up to date with its entries',
  auth: 'apiKey',
  failures: [],
  timeoutMs: 30_000,
  input: { params: z.object({ libraryId: idSchema('library') }), body: libraryScriptsRequestSchema },
  output: {
    status: 200,
    description: 'Scripts in order, each in its newest version; entries that are gone are in none',
    schema: libraryScriptsSchema,
  },
  change: async (tx, { params: { libraryId }, body }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const library = requireFound(await lockLibrary(tx, orgId, libraryId), 'library', libraryId);
    const lastScript = scriptNumberOf(library.lastEntryNo);
    const scripts: z.output<typeof libraryScriptsSchema>['scripts'][number][] = [];
    let scriptNumber = body.fromScript;
    let characters = 0;
    for (; scriptNumber <= lastScript && scripts.length < maxScripts && characters < maxCharacters; scriptNumber += 1) {
      // One after another: a transaction has one connection, and only one script is in memory.
      // oxlint-disable-next-line no-await-in-loop
      const [first, ...others] = await loadScriptEntries(tx, orgId, { libraryId, scriptNumber });
      if (first === undefined) continue;
      const definition = libraryScript(library, [first, ...others]);
      characters += [first, ...others].reduce((sum, { prompt }) => sum + prompt.length, 0);
      // oxlint-disable-next-line no-await-in-loop
      const { version, isNewVersion } = await insertScriptVersion(tx, { orgId, definition, isBuiltin: false, editor: principal.memberId });
      scripts.push({ slug: definition.slug, version, isNewVersion, steps: definition.steps.length });
    }
    const detail = {
      scripts: scripts.filter(({ isNewVersion }) => isNewVersion).map(({ slug, version }) => auditText('slug', `${slug}@${version}`)),
    };
    await insertAudit(tx, { orgId, actor, requestId, action: 'library.make_scripts', objectType: 'library', objectId: libraryId, detail });
    return { body: { scripts, nextScript: scriptNumber <= lastScript ? scriptNumber : null } };
  },
});
