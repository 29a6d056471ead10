/** A share with its 95 % interval; `null` when there is nothing to count. */
export interface Share {
  readonly count: number;
  readonly of: number;
  readonly value: number | null;
  readonly low: number;
  readonly high: number;
}

/** The quantile of the normal distribution for 95 %. */
const z = 1.959963984540054;

/** The share `count` of `of` with Wilson's score interval (E. B. Wilson, 1927), which also holds near 0 and 1. Of nothing: 0 to 1. */
export function wilsonShare(count: number, of: number): Share {
  if (of === 0) return { count, of, value: null, low: 0, high: 1 };
  const p = count / of;
  const scale = 1 + z ** 2 / of;
  const centre = p + z ** 2 / (2 * of);
  const half = z * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2));
  return { count, of, value: p, low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) };
}
