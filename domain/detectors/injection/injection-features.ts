/** Number of hashed word features; a power of two. */
export const hashedFeatureCount = 4_096;

/** Words beyond this many are not read by the model; rules still read the whole text. */
const mostWords = 4_000;
const windowWords = 160;
const windowStep = 120;

/**
 * The hashed words and pairs of neighbouring words of a text, each once, in windows: a short injection in a long
 * document must not drown in it.
 */
export function hashedWindows(text: string): Uint16Array[] {
  const words = wordsOf(text);
  if (words.length <= windowWords) return [hashWords(words)];
  const windows: Uint16Array[] = [];
  for (let start = 0; start < words.length; start += windowStep) windows.push(hashWords(words.slice(start, start + windowWords)));
  return windows;
}

const wordPattern = /[\p{L}\p{N}]+(?:['’]\p{L}+)?|[!?]/gu;

function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const { 0: word } of text.matchAll(wordPattern)) {
    words.push(word.toLowerCase());
    if (words.length >= mostWords) break;
  }
  return words;
}

function hashWords(words: readonly string[]): Uint16Array {
  const seen = new Set<number>();
  let previous = '^';
  for (const word of words) {
    seen.add(hash(word, 0x811c9dc5));
    seen.add(hash(word, hashSeed(previous)));
    previous = word;
  }
  return Uint16Array.from(seen);
}

/** FNV-1a over UTF-16 code units, folded to the number of features. */
function hash(word: string, seed: number): number {
  const value = mix(word, seed);
  return (value ^ (value >>> 16)) & (hashedFeatureCount - 1);
}

function hashSeed(word: string): number {
  return mix(word, 0x9747b28c);
}

function mix(word: string, seed: number): number {
  let value = seed;
  for (let index = 0; index < word.length; index += 1) value = Math.imul(value ^ word.charCodeAt(index), 0x01000193);
  return value >>> 0;
}
