import { OrdealError } from '../domain/failures.ts';
import type { RunId } from '../domain/ids.ts';

/** Throws `conflict` for a run that takes no request any more. */
export function refuseEndedRun(runId: RunId, result: 'stopping' | 'ended'): never {
  throw new OrdealError('conflict', `${runId} ${result === 'ended' ? 'has ended' : 'is stopping'}: it takes no further request.`);
}
