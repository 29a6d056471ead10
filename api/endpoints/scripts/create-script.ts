import { newScriptSchema, scriptVersionSchema } from '../../../contracts/script-record.ts';
import { insertAudit } from '../../../db/insert-audit.ts';
import { insertScriptVersion } from '../../../db/insert-script-version.ts';
import { findScriptBySlug } from '../../../db/scripts/find-script-by-slug.ts';
import { auditText } from '../../../domain/audit-detail.ts';
import { OrdealError, type FieldIssue } from '../../../domain/failures.ts';
import { normaliseScript } from '../../../domain/steps/parameter-aliases.ts';
import { defineChange } from '../../define-endpoint.ts';

export const createScript = defineChange({
  id: 'createScript',
  method: 'post',
  path: '/api/scripts',
  tag: 'scripts',
  summary: 'Create a script, or a new version of the one with this slug',
  auth: 'apiKey',
  failures: ['conflict'],
  bodyRules: { maxBytes: 1_048_576 },
  input: { body: newScriptSchema },
  output: {
    status: 201,
    description: 'A new version was made',
    schema: scriptVersionSchema,
    alsoStatus: [{ status: 200, description: 'The newest version says exactly this already' }],
  },
  change: async (tx, { body: definition, raw }, { principal, requestId }) => {
    const { orgId, actor } = principal;
    const existing = await findScriptBySlug(tx, orgId, definition.slug);
    if (existing?.isBuiltin === true) {
      throw new OrdealError('conflict', `The slug ${definition.slug} belongs to a script that ships with Ordeal. Choose another one.`, {
        issues: [{ field: 'slug', message: 'belongs to a script that ships with Ordeal' }],
      });
    }
    const { scriptId, version, isNewVersion } = await insertScriptVersion(tx, {
      orgId,
      definition,
      isBuiltin: false,
      editor: principal.memberId,
    });
    if (isNewVersion) {
      const detail = { version, slug: auditText('slug', definition.slug) };
      await insertAudit(tx, { orgId, actor, requestId, action: 'script.create_version', objectType: 'script', objectId: scriptId, detail });
    }
    return {
      status: isNewVersion ? 201 : 200,
      changesNothing: !isNewVersion,
      body: { scriptId, slug: definition.slug, version, isNewVersion, notices: noticesOf(raw.body?.json) },
    };
  },
});

function noticesOf(given: unknown): FieldIssue[] {
  return normaliseScript(given).notices.map(({ path, readAs }) => ({ field: path.join('.'), message: `is read as "${readAs}"` }));
}
