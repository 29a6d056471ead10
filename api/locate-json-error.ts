/**
 * The index at which a JSON text that does not parse goes wrong; the length of the text when it ends too early.
 * `JSON.parse` tells the place of some errors only, and quotes the text, which may hold a secret.
 */
export function locateJsonError(text: string): number {
  const end = readValue(text, skipSpace(text, 0));
  return end < 0 ? ~end : skipSpace(text, end);
}

/** Readers return the index after what they read or, for an error, the bitwise complement of its index. */
type Reader = (text: string, at: number) => number;

const readValue: Reader = (text, at) => {
  const first = text[at];
  if (first === '{') return readMembers(text, at, { close: '}', readMember: readProperty });
  if (first === '[') return readMembers(text, at, { close: ']', readMember: readValue });
  return first === '"' ? readString(text, at) : readScalar(text, at);
};

function readMembers(text: string, at: number, list: { readonly close: string; readonly readMember: Reader }): number {
  let next = skipSpace(text, at + 1);
  if (text[next] === list.close) return next + 1;
  for (;;) {
    const end = list.readMember(text, next);
    if (end < 0) return end;
    next = skipSpace(text, end);
    if (text[next] === list.close) return next + 1;
    if (text[next] !== ',') return ~next;
    next = skipSpace(text, next + 1);
  }
}

const readProperty: Reader = (text, at) => {
  if (text[at] !== '"') return ~at;
  const end = readString(text, at);
  if (end < 0) return end;
  const colon = skipSpace(text, end);
  return text[colon] === ':' ? readValue(text, skipSpace(text, colon + 1)) : ~colon;
};

function readString(text: string, at: number): number {
  // oxlint-disable-next-line no-control-regex -- JSON forbids control characters inside strings.
  const part = /(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
  part.lastIndex = at + 1;
  const end = at + 1 + (part.exec(text)?.[0].length ?? 0);
  return text[end] === '"' ? end + 1 : ~end;
}

function readScalar(text: string, at: number): number {
  const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  scalar.lastIndex = at;
  const found = scalar.exec(text);
  return found === null ? ~at : at + found[0].length;
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (' \t\n\r'.includes(text[next] ?? 'x')) next += 1;
  return next;
}
