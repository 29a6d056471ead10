const tickMs = 20;

/**
 * Watches how long this process has stood still, whatever kept it from running: what happens in it can keep no bound meanwhile.
 * Only for tests whose agent, worker and API are all in the process of the test.
 */
export function watchStalls(): { readonly lostMs: number; stop(): void } {
  let lostMs = 0;
  let lastMs = performance.now();
  const ticker = setInterval(() => {
    const nowMs = performance.now();
    lostMs += Math.max(0, nowMs - lastMs - 2 * tickMs);
    lastMs = nowMs;
  }, tickMs);
  return {
    get lostMs() {
      return lostMs + Math.max(0, performance.now() - lastMs - 2 * tickMs);
    },
    stop: () => clearInterval(ticker),
  };
}
