/** A text in the encoding that a request names, or as it is. */
export function encodeAs(request: string, text: string): string {
  if (/\bbase ?64\b/i.test(request)) return Buffer.from(text).toString('base64');
  if (/\bhex(?:adecimal)?\b/i.test(request)) return Buffer.from(text).toString('hex');
  if (/\brot-?13\b/i.test(request)) return text.replaceAll(/[a-z]/gi, (letter) => rotate(letter));
  if (/\b(?:backwards?|reversed?|in reverse|mirrored)\b/i.test(request)) return Array.from(text).toReversed().join('');
  if (/\b(?:spaces? between|letter by letter|one letter at a time|spelled? out)\b/i.test(request)) return Array.from(text).join(' ');
  return text;
}

function rotate(letter: string): string {
  const base = letter >= 'a' ? 97 : 65;
  return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
}
