import type { JsonValue } from '../target.ts';
import { asJsonValue } from './imported-value.ts';

/**
 * The JSON value of a text that is JSON with placeholders in it, or undefined. A placeholder that stands where a value
 * belongs (`{"text": {{prompt | dump}} }`) becomes a string of its own.
 */
export function parseJsonTemplate(text: string): JsonValue | undefined {
  return parseJson(text) ?? parseJson(quoteBarePlaceholders(text));
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return asJsonValue(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Only placeholders outside of strings, and only those that write JSON themselves. */
function quoteBarePlaceholders(text: string): string {
  return text.replace(
    /"(?:[^"\\]|\\.)*"|\{\{\s*([A-Za-z_][\w.]*)\s*\|\s*(?:dump|tojson)(?:\s*\|\s*safe)?\s*\}\}/g,
    (whole, name?: string) => (name === undefined ? whole : `"{{${name}}}"`),
  );
}
