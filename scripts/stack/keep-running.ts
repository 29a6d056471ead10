import { setTimeout as sleep } from 'node:timers/promises';

/** Something that runs until it ends by itself or is stopped, and can be started again. */
export interface Restartable {
  /** Settles when what runs now has ended. */
  readonly exited: Promise<unknown>;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface KeptService {
  /** Stops it for good. */
  readonly stop: () => Promise<void>;
}

const firstPauseMs = 500;
const longestPauseMs = 10_000;
/** One that lived this long begins again with the shortest pause. */
const healthyAfterMs = 30_000;

/** Starts the service again whenever it ends without having been asked to, and says so; pauses grow from 0.5 s to 10 s. */
export function keepRunning(name: string, service: Restartable, say: (line: string) => void): KeptService {
  const stopping = new AbortController();
  const watch = async (): Promise<void> => {
    let pauseMs = firstPauseMs;
    let startedAt = Date.now();
    for (;;) {
      await service.exited;
      if (stopping.signal.aborted) return;
      if (Date.now() - startedAt > healthyAfterMs) pauseMs = firstPauseMs;
      say(`${name} ended unexpectedly; starting it again in ${pauseMs / 1000} s`);
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      startedAt = Date.now();
      try {
        await service.restart();
        say(`${name} runs again`);
      } catch (error) {
        say(`${name} could not be started again: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  const watching = watch();
  return {
    stop: async () => {
      stopping.abort();
      // Twice: once for what runs now, which ends the watch, and once for what a restart under way has just started.
      await service.stop();
      await watching;
      await service.stop();
    },
  };
}
