import type { QuotaCrossing } from '../../domain/quotas.ts';
import type { RunEnding } from '../../domain/run-ending.ts';

/**
 * A stop that was acknowledged counts although its signal never reached the workflow, which only saw its steps refused;
 * and it is told as the request of whoever asked first, whoever signalled it in the end. A quota stops a run in the same way.
 */
export function resolveEnding(
  ending: RunEnding,
  run: { readonly stop_requested_by: string | null; readonly quota_crossed: unknown },
): RunEnding {
  const isStop = ending.kind === 'stop_requested' || ending.kind === 'finished';
  if (!isStop || run.stop_requested_by === null) return ending;
  if (run.quota_crossed !== null) return { kind: 'quota_crossed', ...(run.quota_crossed as QuotaCrossing) };
  return { kind: 'stop_requested', by: run.stop_requested_by };
}
