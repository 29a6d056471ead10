const atOnce = 20;

/**
 * Does something so many times, 20 at once: as many as the pool has connections. More would only queue for one, and a slow
 * machine would keep the last of them waiting for longer than is waited.
 */
export async function inWaves<Result>(count: number, work: (index: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  while (results.length < count) {
    const wave = Array.from({ length: Math.min(atOnce, count - results.length) }, (_, index) => work(results.length + index));
    results.push(...(await Promise.all(wave)));
  }
  return results;
}
