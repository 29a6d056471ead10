import { watchStalls } from './stalls.ts';

/** How long `work` took, less the time in which this process, with the API or the worker under test in it, stood still. */
export async function timed<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result; readonly tookMs: number }> {
  const stalls = watchStalls();
  const startedAtMs = performance.now();
  try {
    const result = await work();
    return { result, tookMs: performance.now() - startedAtMs - stalls.lostMs };
  } finally {
    stalls.stop();
  }
}
