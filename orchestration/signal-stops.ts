import { OrdealError } from '../domain/failures.ts';
import type { RunId } from '../domain/ids.ts';
import type { Logger } from '../runtime/logger.ts';
import type { RunClient } from './run-client.ts';

const signalsAtOnce = 20;

/**
 * Signals workflows whose ledgers are shut already, so that they end now and not when they next ask. A signal that
 * cannot be sent is left to the reconciler; and all that are left, once Temporal is away.
 */
export async function signalStops(
  { runs, log }: { readonly runs: RunClient; readonly log: Logger },
  runIds: readonly RunId[],
  by: string,
): Promise<void> {
  const waiting = [...runIds];
  const sendAll = async (): Promise<void> => {
    for (let runId = waiting.pop(); runId !== undefined; runId = waiting.pop()) {
      try {
        await runs.signalStop(runId, by);
      } catch (error) {
        log.warn({ err: error, runId }, 'the stop is stored but not signalled; the reconciler will signal it');
        if (error instanceof OrdealError && error.failure === 'temporal_unavailable') waiting.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(signalsAtOnce, runIds.length) }, sendAll));
}
