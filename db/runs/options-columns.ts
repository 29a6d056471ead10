import { optionsInForce, type RunAdjustment, type RunOptions } from '../../domain/run-options.ts';
import type { Json } from '../tables.generated.ts';

/** The options of a run as they are in force now. */
export function optionsOf(row: { readonly options: Json; readonly adjustments: Json }): RunOptions {
  return optionsInForce(row.options as unknown as Partial<RunOptions>, row.adjustments as RunAdjustment);
}
