import { z } from 'zod';

/** The members that the object at `path` may have, by its schema; of a union, those of the option that `value` has the kind of. */
export function knownMembers(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): readonly string[] {
  let found: unknown = schema;
  let there = value;
  for (const key of [...path, undefined]) {
    found = optionFor(unwrapped(found), there);
    if (key === undefined) break;
    found = memberOf(found, String(key));
    there = typeof there === 'object' && there !== null ? (there as Readonly<Record<PropertyKey, unknown>>)[key] : undefined;
  }
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function memberOf(schema: unknown, key: string): unknown {
  if (schema instanceof z.ZodArray) return schema.element;
  return schema instanceof z.ZodObject ? (schema.shape as Record<string, unknown>)[key] : undefined;
}

/** Without what wraps it: optional, default, nullable, read-only, and what is done to the value before. */
function unwrapped(schema: unknown): unknown {
  let found = schema;
  for (;;) {
    if (found instanceof z.ZodPipe) found = found.out;
    else if (found instanceof z.ZodOptional || found instanceof z.ZodExactOptional || found instanceof z.ZodDefault) found = found.unwrap();
    else if (found instanceof z.ZodNullable || found instanceof z.ZodReadonly) found = found.unwrap();
    else return found;
  }
}

function optionFor(schema: unknown, value: unknown): unknown {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const kind: unknown = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  return schema.options.map(unwrapped).find((option) => option instanceof z.ZodObject && hasKind(option, kind));
}

function hasKind(option: z.ZodObject, kind: unknown): boolean {
  const own: unknown = option.shape['kind'];
  return own instanceof z.ZodLiteral && own.value === kind;
}
