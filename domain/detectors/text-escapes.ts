/** A character that a text spells with an escape. */
export interface Escape {
  readonly code: number;
  /** In the source. */
  readonly length: number;
}

/** The percent, backslash or HTML numeric escape whose first character, `code`, stands at the index; null where none does. */
export function escapeAt(source: string, index: number, code: number): Escape | null {
  if (code === 0x25) {
    return hexEscape(source, index, { prefix: 1, digits: 2 });
  }
  if (code === 0x5c) {
    const kind = source.charCodeAt(index + 1);
    if (kind === 0x75) {
      return hexEscape(source, index, { prefix: 2, digits: 4 });
    }
    return kind === 0x78 ? hexEscape(source, index, { prefix: 2, digits: 2 }) : null;
  }
  if (code === 0x26 && source.charCodeAt(index + 1) === 0x23) {
    return numericEntity(source, index);
  }
  return null;
}

function hexEscape(source: string, index: number, { prefix, digits }: { prefix: number; digits: number }): Escape | null {
  let code = 0;
  for (let at = index + prefix; at < index + prefix + digits; at += 1) {
    const digit = hexDigit(source.charCodeAt(at));
    if (digit < 0) return null;
    code = code * 16 + digit;
  }
  return { code, length: digits + prefix };
}

/** The value of a hexadecimal digit, or -1. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Digits of the longest reference to one code unit: `&#x` and four, `&#` and five. */
const entityDigits = { hexadecimal: 4, decimal: 5 } as const;

function numericEntity(source: string, index: number): Escape | null {
  const isHex = (source.charCodeAt(index + 2) | 0x20) === 0x78;
  const from = index + (isHex ? 3 : 2);
  const base = isHex ? 16 : 10;
  const most = isHex ? entityDigits.hexadecimal : entityDigits.decimal;
  let code = 0;
  let end = from;
  for (; end < from + most; end += 1) {
    const digit = hexDigit(source.charCodeAt(end));
    if (digit < 0 || digit >= base) break;
    code = code * base + digit;
  }
  if (end === from || code > 0xffff) return null;
  if (source.charCodeAt(end) === 0x3b) end += 1;
  return { code, length: end - index };
}
