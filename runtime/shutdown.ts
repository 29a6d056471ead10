import type { Logger } from './logger.ts';

export interface ShutdownOptions {
  readonly log: Logger;
  /** Ends everything in order; called once, on the first SIGTERM or SIGINT. */
  readonly close: () => Promise<void>;
  /** After this the process ends whatever is still open. Default 30 s. */
  readonly deadlineMs?: number;
}

/**
 * Ends the process gracefully on SIGTERM, SIGINT, or, with EXIT_WITH_PARENT=1, when standard input closes (so that a
 * process never outlives the one that started it, not even when that one is killed).
 */
export function shutDownOnSignal(options: ShutdownOptions): void {
  let isClosing = false;
  const close = (reason: string) => {
    if (isClosing) return;
    isClosing = true;
    options.log.info({ reason }, 'shutting down');
    const deadline = setTimeout(() => {
      options.log.error('shutdown took too long; ending anyway');
      process.exit(1);
    }, options.deadlineMs ?? 30_000);
    deadline.unref();
    options.close().then(
      () => process.exit(0),
      (error: unknown) => {
        options.log.error({ err: error }, 'shutdown failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => close('SIGTERM'));
  process.on('SIGINT', () => close('SIGINT'));
  if (process.env['EXIT_WITH_PARENT'] === '1') process.stdin.on('close', () => close('parent ended')).resume();
}
