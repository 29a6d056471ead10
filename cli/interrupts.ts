/**
 * One Ctrl+C may arrive several times: the terminal signals the whole group, and npx hands its own on. What follows
 * that soon is the same one.
 */
const repeatedWithinMs = 1_000;

export interface Interrupts {
  /** From now on signals end the process again. */
  readonly release: () => void;
  /** Whether the first has come. */
  readonly isTaken: () => boolean;
}

/** Takes SIGINT and SIGTERM: the first calls `first`, the next `second`. */
export function onInterrupt(handlers: { readonly first: () => void; readonly second: () => void }): Interrupts {
  let firstAtMs: number | undefined;
  const take = (): void => {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      handlers.first();
    } else if (nowMs - firstAtMs > repeatedWithinMs) {
      handlers.second();
    }
  };
  process.on('SIGINT', take);
  process.on('SIGTERM', take);
  return {
    isTaken: () => firstAtMs !== undefined,
    release: () => {
      process.off('SIGINT', take);
      process.off('SIGTERM', take);
    },
  };
}
