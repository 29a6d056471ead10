/**
 * Serializes as RFC 8785 says: no white space, keys in the order of their UTF-16 code units, numbers and strings as
 * ECMAScript writes them. The same value gives the same bytes everywhere. Leaves out what is undefined; throws
 * `RangeError` for what JSON cannot hold exactly: NaN, infinities, and text with lone surrogates.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${canonicalJson(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('JSON has no such number');
  if (typeof value === 'string' && !value.isWellFormed()) throw new RangeError('JSON has no exact form of lone surrogates');
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new RangeError('JSON has no form of a function or a symbol');
  return text;
}
