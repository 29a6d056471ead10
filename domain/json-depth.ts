/** How deep arrays and objects may nest in any JSON that Ordeal reads. `JSON.stringify` itself fails at some thousands. */
export const maxJsonDepth = 64;

/**
 * True when arrays and objects of this JSON text nest deeper than `limit`. Looks at brackets alone, so that the text
 * need not be parsed, or even be valid, first.
 */
export function isJsonTooDeep(text: string, limit: number = maxJsonDepth): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (isInString) {
      if (code === backslash) index += 1;
      else if (code === quote) isInString = false;
    } else if (code === quote) isInString = true;
    else if (code === openBracket || code === openBrace) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === closeBracket || code === closeBrace) depth -= 1;
  }
  return false;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
