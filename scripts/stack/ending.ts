import { setTimeout as sleep } from 'node:timers/promises';
import { onParentGone } from './parent-watch.ts';

/** A terminal signals the whole group and npm and the set-up hand signals on, so one Ctrl+C may arrive several times. */
const repeatedWithinMs = 1_500;
/** Whatever hangs is left to the watchdog, which kills it. */
const longestEndMs = 29_000;

/**
 * Runs a program whose end is asked for by SIGINT, SIGTERM, SIGHUP or the end of its parent: `signal` aborts then. `end` is
 * called once, whichever way `run` finishes, and within bounds; a second Ctrl+C some time after the first does not wait for it.
 */
export async function runUntilEnded(program: {
  readonly run: (signal: AbortSignal) => Promise<number>;
  readonly end: () => Promise<void>;
  readonly say: (line: string) => void;
}): Promise<never> {
  const ending = new AbortController();
  let exitCode = 0;
  let askedAt = 0;
  const ask = (code: number): void => {
    if (ending.signal.aborted) {
      if (Date.now() - askedAt > repeatedWithinMs) process.exit(code);
      return;
    }
    askedAt = Date.now();
    exitCode = code;
    program.say('Ending …');
    ending.abort(new Error('asked to end'));
  };
  process.on('SIGINT', () => ask(130));
  process.on('SIGTERM', () => ask(143));
  process.on('SIGHUP', () => ask(129));
  onParentGone(() => ask(143));
  // The terminal may be gone with the parent; writing to it must not end us before the children.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const aborted = new Promise<number>((resolve) => {
    ending.signal.addEventListener('abort', () => resolve(exitCode), { once: true });
  });
  try {
    exitCode = await Promise.race([program.run(ending.signal), aborted]);
  } catch (error) {
    if (!ending.signal.aborted) {
      program.say(error instanceof Error ? error.message : String(error));
      exitCode = 1;
    }
  }
  const isDone = await Promise.race([program.end().then(() => true), sleep(longestEndMs, false)]);
  if (!isDone) program.say('Not everything ended in time; the rest is being killed');
  process.exit(exitCode);
}
