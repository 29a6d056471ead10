import { z } from 'zod';

import { OrdealError, type FieldIssue } from '../domain/failures.ts';
import { knownMembers } from '../contracts/known-members.ts';
import { didYouMean } from '../domain/nearest-name.ts';
import { isStorable } from '../domain/storable-text.ts';
import type { EndpointInput, ParsedInput, RawRequest } from './define-endpoint.ts';

/** Validates what a request brings; throws `invalid_request` (a bad id in the path: `not_found`) that names each field. */
export function parseInput<Input extends EndpointInput>(
  spec: { readonly path: string; readonly input: Input },
  raw: RawRequest,
): ParsedInput<Input> {
  const { params, query, body } = spec.input;
  return {
    params: params === undefined ? undefined : parseParams(params, raw),
    query: parsePart(query ?? z.strictObject({}), requireStorable(raw.query), 'query'),
    body: body === undefined ? undefined : parsePart(body, requireBody(raw), ''),
    raw,
  } as ParsedInput<Input>;
}

/** An id that cannot exist is answered like one that does not exist. */
function parseParams(schema: z.ZodObject, raw: RawRequest): unknown {
  const result = schema.safeParse(raw.params, { error: ownWords });
  if (result.success) return result.data;
  const issues = issuesOf(result.error, { schema, value: raw.params, prefix: 'params' });
  throw new OrdealError('not_found', issues.map(({ field, message }) => `${field} ${message}`).join('; '), { issues });
}

function parsePart(schema: z.ZodType, value: unknown, prefix: string): unknown {
  const result = schema.safeParse(value, { error: ownWords });
  if (result.success) return result.data;
  throw invalid(issuesOf(result.error, { schema, value, prefix }));
}

/** What `readBody` does for bodies. Percent-decoding makes no half of a surrogate pair, but a NUL. */
function requireStorable(query: RawRequest['query']): RawRequest['query'] {
  for (const [name, values] of Object.entries(query)) {
    if ([values].flat().some((value) => typeof value === 'string' && !isStorable(value))) {
      throw invalid([{ field: `query.${name}`, message: 'must not hold NUL' }]);
    }
  }
  return query;
}

function requireBody(raw: RawRequest): unknown {
  if (raw.body === undefined) throw invalid([{ field: 'body', message: 'is required: send a JSON object' }]);
  return raw.body.json;
}

function invalid(issues: readonly FieldIssue[]): OrdealError {
  const shown = issues.slice(0, 3).map(({ field, message }) => `${field} ${message}`);
  return new OrdealError('invalid_request', `${shown.join('; ')}${issues.length > 3 ? `; and ${issues.length - 3} more` : ''}`, { issues });
}

const maxIssues = 50;

/** What did not fit which schema, and where in the request it stands. */
interface Given {
  readonly schema: z.ZodType;
  readonly value: unknown;
  readonly prefix: string;
}

/** The issues of a zod error as fields and sentences. Values that were sent are never repeated. */
export function issuesOf(error: z.ZodError, given: Given): FieldIssue[] {
  return error.issues.flatMap((issue) => describeIssue(issue, given)).slice(0, maxIssues);
}

function describeIssue(issue: z.core.$ZodIssue, { schema, value, prefix }: Given): FieldIssue[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownMembers(schema, issue.path, value);
    return issue.keys.map((key) => ({
      field: fieldOf(prefix, [...issue.path, key]),
      message: `is not a known field${didYouMean(key, known)}`,
    }));
  }
  const field = fieldOf(prefix, issue.path);
  if (issue.code === 'invalid_type')
    return [
      {
        field,
        message: isMissing(issue) ? 'is required' : `must be ${issue.expected === 'int' ? 'a whole number' : articleFor(issue.expected)}`,
      },
    ];
  return [{ field, message: lowerFirst(issue.message) }];
}

/** What is wrong where a schema has no sentence of its own: bounds and choices in words, not in those of the validator. */
export function ownWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_value') return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small') return `must ${limitOf(issue.origin, `at least ${issue.minimum}`)}`;
  if (issue.code === 'too_big') return `must ${limitOf(issue.origin, `at most ${issue.maximum}`)}`;
  if (issue.code === 'invalid_format' && issue.format === 'datetime') return 'must be a time such as 2026-11-21T04:50:00Z';
  return undefined;
}

function limitOf(origin: string, limit: string): string {
  if (origin === 'string') return `have ${limit} characters`;
  return origin === 'array' || origin === 'set' || origin === 'object' ? `have ${limit} entries` : `be ${limit}`;
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  return /received undefined/.test(issue.message);
}

function articleFor(expected: string): string {
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function fieldOf(prefix: string, path: readonly PropertyKey[]): string {
  const field = [prefix, ...path.map(String)].filter((part) => part !== '').join('.');
  return field === '' ? 'body' : field;
}
