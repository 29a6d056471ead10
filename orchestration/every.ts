import type { Logger } from '../runtime/logger.ts';

export interface Repetition {
  /** Waits for what is under way, and begins no more. */
  stop(): Promise<void>;
}

export interface Rhythm {
  readonly firstAfterMs: number;
  /** From the end of one to the start of the next. */
  readonly everyMs: number;
  /** For the log, when it fails. */
  readonly what: string;
  readonly log: Logger;
}

/** Does something again and again, one at a time. What fails is logged, and tried again in its time. */
export function every(rhythm: Rhythm, work: () => Promise<void>): Repetition {
  let isStopped = false;
  let working: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const schedule = (afterMs: number): void => {
    timer = setTimeout(() => {
      working = work()
        .catch((error: unknown) => rhythm.log.warn({ err: error }, `${rhythm.what} failed; it is tried again`))
        .then(() => {
          if (!isStopped) schedule(rhythm.everyMs);
        });
    }, afterMs);
  };
  schedule(rhythm.firstAfterMs);
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await working;
    },
  };
}
