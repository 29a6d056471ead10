import { jsonpath } from 'json-p3';
import { z } from 'zod';

/**
 * A JSONPath (RFC 9535). Filters are refused, because their regular expressions would run over what an agent wrote;
 * so is more than one descent, whose cost grows with a power of the size of the answer.
 */
export const jsonPathSchema = z
  .string()
  .min(1)
  .max(500)
  .superRefine((path, context) => {
    const fault = faultOf(path);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

function faultOf(path: string): string | undefined {
  try {
    jsonpath.compile(path);
  } catch (error) {
    return `is not a JSONPath such as $.reply: ${error instanceof Error ? error.message : 'syntax error'}`;
  }
  const withoutNames = path.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, '');
  if (withoutNames.includes('?')) return 'must not contain a filter (?)';
  if ((withoutNames.match(/\.\./g) ?? []).length > 1) return 'must not descend (..) more than once';
  return undefined;
}
