import { z } from 'zod';
import { framingHeaders } from '../../domain/framing-headers.ts';
import { requestMethods, type CleanupMethod, type JsonValue } from '../../domain/target.ts';
import { templateReferences, unknownVariableMessage } from '../../domain/template.ts';
import { jsonValueSchema } from '../json.ts';
import { maxPromptChars, templateSchema } from './templates.ts';

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'must be the name of a header')
  .refine((name) => !framingHeaders.has(name.toLowerCase()), 'is a header that Ordeal sets by itself')
  .refine((name) => !credentialHeaders.has(name.toLowerCase()), 'would carry a credential: set "auth" of the target instead');
const credentialHeaders: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie']);
const maxBodyChars = maxPromptChars;

/** The members of a request to the target's own origin, whose templates may hold the variables of `known`. */
export function ownRequestShape(known: readonly string[]) {
  return requestShape(known, requestMethods);
}

/** The same with other methods. */
export function requestShape<const Methods extends readonly CleanupMethod[]>(known: readonly string[], methods: Methods) {
  return {
    method: z.enum(methods).meta({ description: 'Method of the request' }),
    path: templateSchema(known, 2_000)
      .regex(/^\/(?![/\\])[^\s\\#]*$/, 'must begin with one slash and hold no white space, backslash or #')
      .meta({ description: "Path and query on the target's own origin; a template whose values are percent-encoded" }),
    headers: z
      .record(headerName, templateSchema(known, 2_000))
      .readonly()
      .exactOptional()
      .meta({ description: 'Beside those that Ordeal sends; values are templates' }),
    body: checkTemplates(jsonValueSchema, known)
      .exactOptional()
      .meta({ description: 'Any JSON value whose strings are templates; a string alone is sent as text' }),
  } as const;
}

/** Statuses from 400 on that mean what `description` says; any other is a failure. */
export function expectStatusSchema(description: string) {
  return z.array(z.int().min(400).max(599)).min(1).max(20).readonly().exactOptional().meta({ description });
}

/** A JSON value whose strings are templates. */
export function checkTemplates(schema: z.ZodType<JsonValue>, known: readonly string[]): z.ZodType<JsonValue> {
  return schema.superRefine((value, context) => checkBody(value, known, context));
}

function checkBody(body: JsonValue, known: readonly string[], context: z.core.$RefinementCtx<JsonValue>): void {
  // A member that is left out is looked at as well, and has no JSON.
  const text: string | undefined = JSON.stringify(body);
  if (text === undefined) return;
  if (text.length > maxBodyChars)
    context.addIssue({ code: 'custom', message: `must have at most ${maxBodyChars} characters`, input: body });
  for (const template of stringsOf(body)) {
    for (const { name } of templateReferences(template)) {
      const message = unknownVariableMessage(name, known);
      if (message !== undefined) context.addIssue({ code: 'custom', message, input: body });
    }
  }
}

/** Every string in a JSON value, in order. */
function stringsOf(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap((member: JsonValue) => stringsOf(member)) : [];
}
