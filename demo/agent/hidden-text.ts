const tagCharacters = /[\u{E000A}\u{E0020}-\u{E007E}]/gu;
const tagOffset = 0xe0000;

/** A text with its tag characters as the letters that they stand for, as a model reads them. */
export function revealHiddenText(text: string): string {
  return text.replaceAll(tagCharacters, (character) => String.fromCodePoint((character.codePointAt(0) ?? 0) - tagOffset));
}
