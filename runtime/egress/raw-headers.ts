/**
 * Response headers with lower-case names, several values of one name joined by a comma and a space. Read as Latin-1,
 * so every byte that a target sends survives.
 */
export function parseRawHeaders(raw: unknown): Readonly<Record<string, string>> {
  const values = new Map<string, string>();
  if (!Array.isArray(raw)) return {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = text(raw[index]).toLowerCase();
    const value = text(raw[index + 1]);
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  // fromEntries defines own properties, so a header named __proto__ stays a header.
  return Object.fromEntries(values);
}

function text(part: unknown): string {
  return Buffer.isBuffer(part) ? part.toString('latin1') : String(part);
}
