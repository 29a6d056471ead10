/** A source of choices that a seed decides alone. */
export interface SeededChoices {
  /** A whole number from 0 to `bound - 1`. */
  below(bound: number): number;
  /** One of `options`, of which there is at least one. */
  pick<Option>(options: readonly [Option, ...Option[]]): Option;
}

/**
 * Choices from a seed, the same on every machine: 32-bit integer arithmetic alone.
 * For variety, never for secrets: whoever knows the seed knows every choice.
 */
export function seededChoices(seed: string): SeededChoices {
  let state = hash(seed);
  const below = (bound: number): number => {
    // A Weyl sequence, its numbers mixed by two rounds of xor-shift and multiply.
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) % bound;
  };
  return { below, pick: (options) => options[below(options.length)] ?? options[0] };
}

/** FNV-1a over UTF-16 code units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value;
}
