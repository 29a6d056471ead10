import type { JsonValue } from '../target.ts';

/** True for a mapping of a parsed file, as opposed to a list or a plain value. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A parsed value as JSON, or undefined when something in it is none (a date, NaN, a map with other keys than strings). */
export function asJsonValue(value: unknown): JsonValue | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (Array.isArray(value)) {
    const members = value.map(asJsonValue);
    return members.every((member) => member !== undefined) ? members : undefined;
  }
  if (!isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const entries: [string, JsonValue][] = [];
  for (const [key, member] of Object.entries(value)) {
    const json = asJsonValue(member);
    if (json === undefined) return undefined;
    entries.push([key, json]);
  }
  return Object.fromEntries(entries);
}

/** True for text that names a file of code or data; an import reads no other file than the one it was given. */
export function isFileReference(value: unknown): boolean {
  return typeof value === 'string' && /^\s*(?:file|package):/i.test(value);
}

/** Applies `change` to every string of a JSON value; keys stay. */
export function mapStrings(value: JsonValue, change: (text: string) => JsonValue): JsonValue {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((member) => mapStrings(member, change));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapStrings(member, change)]));
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** A value of a file as text, for messages and for places where only text makes sense. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
